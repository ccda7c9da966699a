import { ApplicationFailure } from '@temporalio/workflow';
import type { Opened, Planned } from '../contract/rollback.ts';
import { runOwnStep } from './run-own-step.ts';
import { runStep } from './run-step.ts';
import type { Story } from './story.ts';
import { nextContext } from './story.ts';

/**
 * Takes the environment and lists what is to be contained; nothing is changed before both are done.
 * A refusal ends the workflow at once: somebody else holds the system, or this is not its machine.
 */
export async function prepare(story: Story): Promise<void> {
  // Nothing is under way yet: a refusal that is told at once is worth more than a question that waits.
  const call = { phase: 'preparation', step: 'openRollback' } as const;
  const opened = await runStep(nextContext(story), call, story.request);
  if ('exhausted' in opened) throw refusal(opened.exhausted.kind, opened.exhausted.reason);
  take(story, opened.result);
  const planned = await runOwnStep(story, 'preparation', 'planContainment');
  if ('exhausted' in planned) {
    // Nothing was changed; the environment must be free for whoever tries again.
    const options = { ending: 'gave-up' } as const;
    await runStep(nextContext(story), { phase: 'closing', step: 'closeRollback', options });
    throw refusal(planned.exhausted.kind, planned.exhausted.reason);
  }
  takePlan(story, planned.result);
}

export function take(story: Story, opened: Opened): void {
  story.epoch = opened.epoch;
  if (opened.resumed) story.incident.notice(`Resumed from its journal: ${opened.reason}`);
}

export function takePlan(story: Story, planned: Planned): void {
  story.plans = { ...story.plans, containment: planned.hash };
  story.incident.update({ containmentHash: planned.hash });
}

function refusal(kind: string, reason: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(reason, kind);
}
