import type { RollbackActivities } from '../contract/activities.ts';
import type { StepInput } from '../contract/step.ts';
import { finalKinds, unattendedRetries } from '../runbook/questions.ts';
import type { PhaseName, StepName } from '../runbook/steps.ts';
import { rowOf } from '../runbook/steps.ts';
import { ask } from './ask.ts';
import type { StepAttempt } from './run-step.ts';
import { runStep } from './run-step.ts';
import type { Story } from './story.ts';
import { nextContext } from './story.ts';

/**
 * A step of the parent itself. Exhausted, it asks for a retry as its row says; a refusal that no retry can change
 * (held by another, another machine) is returned at once. The emergency path asks nobody: it tries once more and goes on.
 */
export async function runOwnStep<N extends StepName>(
  story: Story,
  phase: PhaseName,
  step: N,
  ...extra: Parameters<RollbackActivities[N]> extends [StepInput, ...infer Rest] ? Rest : never
): Promise<StepAttempt<N>> {
  for (let tries = 1; ; tries += 1) {
    const { security, scenario } = story.request;
    const options = { choices: story.choices, security, scenario, ending: story.ending };
    const attempt = await runStep(nextContext(story), { phase, step, options }, ...extra);
    if (!('exhausted' in attempt)) return attempt;
    const { kind, reason } = attempt.exhausted;
    if (rowOf(step).exhausted === 'continue' || finalKinds.includes(kind)) return attempt;
    if (story.mode === 'emergency' || story.wishes.emergency !== null) {
      if (tries > unattendedRetries) return attempt;
      continue;
    }
    const asked = await ask(story, {
      kind: 'exhausted',
      id: `${phase}.${step}/${tries}`,
      text: `${rowOf(step).title}: ${reason}`,
      deadlineMs: story.questionMs,
      defaultOption: tries <= unattendedRetries ? 'retry' : 'give-up',
    });
    if (asked === null ? story.wishes.cancel !== null : asked.option !== 'retry') return attempt;
  }
}
