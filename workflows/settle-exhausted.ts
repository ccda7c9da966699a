import type { PhaseResult } from '../contract/rollback.ts';
import { unattendedRetries } from '../runbook/questions.ts';
import { rowOf } from '../runbook/steps.ts';
import { ask } from './ask.ts';
import { serveStable } from './serve-stable.ts';
import type { Story } from './story.ts';
import { stopsDataUsers } from './story.ts';
import { unlessTakenOver } from './take-over.ts';

/**
 * A step whose retries are used up: the operator decides. Nobody there: it is tried once more, then the rollback ends
 * with an attempt to have the stable system serve. A row that says `serve-stable` has it serve while the question
 * waits: nobody may be awake, and the step before it stopped the stable system.
 */
export async function settleExhausted(story: Story, result: PhaseResult): Promise<'go-on' | 'give-up'> {
  const failed = result.doneSteps.at(-1);
  const key = result.stoppedAt;
  if (!failed || key === null) return 'give-up';
  const title = rowOf(failed.step).title;
  if (rowOf(failed.step).exhausted === 'serve-stable') await unlessTakenOver(story, () => serveStable(story));
  const retries = story.retried.filter((retried) => retried === key).length;
  const asked = await ask(story, {
    kind: 'exhausted',
    id: `${key}/${story.children}`,
    text: `${title}: ${failed.outcome}. ${failed.reason}`,
    deadlineMs: story.questionMs,
    defaultOption: retries < unattendedRetries ? 'retry' : 'give-up',
  });
  if (asked === null) return 'go-on';
  switch (asked.option) {
    case 'skip':
      story.caveats = [...story.caveats, `Left out by ${asked.by ?? 'default'}: ${title} (${failed.reason})`];
      return 'go-on';
    case 'emergency':
      story.wishes.emergency = {
        requestId: `${key}/answer`,
        by: story.request.by,
        why: failed.reason,
        security: false,
      };
      return 'go-on';
    case 'give-up':
      story.ending = 'gave-up';
      story.caveats = [...story.caveats, `Given up at: ${title} (${failed.reason})`];
      return 'give-up';
    default:
      story.retried = [...story.retried, key];
      // What was started meanwhile uses the data again.
      story.settled = story.settled.filter((settled) => settled !== key && !stopsDataUsers(settled));
      return 'go-on';
  }
}
