import { CancellationScope, condition, isCancellation, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { childWorkflowId, signalNames } from '../contract/ids.ts';
import type { PhaseInput, PhaseResult } from '../contract/rollback.ts';
import { phases, validationScripts } from '../runbook/phases.ts';
import type { PhaseName } from '../runbook/steps.ts';
import { settleApproval } from './settle-approval.ts';
import { settleExhausted } from './settle-exhausted.ts';
import { settleMigration } from './settle-migration.ts';
import { settleRelief } from './settle-relief.ts';
import type { Story } from './story.ts';
import { nextContext, takeIn } from './story.ts';

export type PhaseWorkflow =
  | 'immediateResponse'
  | 'dataRecovery'
  | 'systemValidation'
  | 'documentation'
  | 'emergencyRollback'
  | 'partialRollback';

/** How a phase left the story: `interrupted` when the operator wants another path or a cancel, or gave up. */
export type Conducted = 'finished' | 'interrupted';

/**
 * Runs a phase as child workflows until it is through: a child that comes back early is followed by the next one,
 * planned anew from what is settled.
 */
export async function conductPhase(story: Story, type: PhaseWorkflow, phase: PhaseName): Promise<Conducted> {
  for (;;) {
    if (!(await mayGoOn(story))) return 'interrupted';
    const result = await runChild(story, type, phase);
    if (result === null) return 'interrupted';
    takeIn(story, result);
    switch (result.why) {
      case 'finished':
        story.people.tell(
          'phase-ended',
          `${phases[phase].title}: through, ${result.doneSteps.length} steps in its last part.`,
        );
        return 'finished';
      case 'asked-to-stop':
        break;
      case 'needs-approval':
        await settleApproval(story, result);
        break;
      case 'exhausted':
        if ((await settleExhausted(story, result)) === 'give-up') return 'interrupted';
        break;
      case 'needs-fix':
        await settleMigration(story);
        break;
      case 'not-better':
        await settleRelief(story);
        break;
    }
  }
}

/** Waits out a pause. @returns false when another path or a cancel is wanted */
async function mayGoOn(story: Story): Promise<boolean> {
  const { incident, wishes } = story;
  const wanted = () =>
    wishes.cancel !== null || wishes.scope !== null || (wishes.emergency !== null && story.mode !== 'emergency');
  if (wishes.paused && !wanted()) {
    incident.notice('Paused: nothing goes on until somebody resumes.', { paused: true });
    await condition(() => !wishes.paused || wanted());
    incident.notice('Resumed.', { paused: false });
  }
  return !wanted();
}

/** @returns null when the child was cancelled because the emergency path takes over */
async function runChild(story: Story, type: PhaseWorkflow, phase: PhaseName): Promise<PhaseResult | null> {
  const { incident, wishes, request } = story;
  story.children += 1;
  const workflowId = childWorkflowId(request.rollbackId, type, story.children);
  incident.update({ phase, child: workflowId, children: [...incident.board.children, workflowId], mode: story.mode });
  const scope = new CancellationScope();
  const child = await scope.run(() =>
    startChild(type, {
      workflowId,
      args: [phaseInput(story)],
      parentClosePolicy: ParentClosePolicy.TERMINATE,
      staticSummary: `${phases[phase].title} of ${request.environment}`,
    }),
  );
  let ended = false;
  const result = scope
    .run(() => child.result() as Promise<PhaseResult>)
    .finally(() => {
      ended = true;
    });
  // Looked at below; until then a rejection must not count as unhandled.
  result.catch(() => undefined);
  const takenOver = () => wishes.emergency !== null && story.mode !== 'emergency';
  const stopWanted = () => wishes.paused || wishes.cancel !== null || wishes.scope !== null;
  await condition(() => ended || takenOver() || stopWanted());
  if (!ended && !takenOver() && stopWanted()) {
    await child.signal(signalNames.stopAtSafePoint).catch(ignoreEndedChild);
    await condition(() => ended || takenOver());
  }
  if (!ended) scope.cancel();
  try {
    return await result;
  } catch (error) {
    if (!isCancellation(error)) throw error;
    // What it had stopped by then is not known here.
    if (incident.board.healthyAt !== null) incident.update({ healthyAt: null });
    return null;
  }
}

/** The child may have finished before the signal reached it; its result is awaited all the same. */
function ignoreEndedChild(error: unknown): void {
  if (!(error instanceof Error)) throw error;
}

function phaseInput(story: Story): PhaseInput {
  const { target, ...request } = story.request;
  return {
    request: { ...request, choices: story.choices },
    scripts: validationScripts.filter((script) => target.scripts[script] !== undefined),
    epoch: story.epoch,
    round: nextContext(story).round,
    plans: story.plans,
    mode: story.mode,
    settled: story.settled,
    agreedPlans: story.agreedPlans,
    leaveData: story.leaveData,
    ...(story.recovery ? { recovery: story.recovery } : {}),
    ...(story.relief ? { relief: story.relief } : {}),
    ...(story.migration ? { migration: story.migration } : {}),
    ...watchRuleOf(story),
    ...conclusionOf(story),
  };
}

/** A child is told no target: of the watch over a limited experiment it needs this. */
function watchRuleOf({ request }: Story): Pick<PhaseInput, 'watch'> {
  const watch = request.target.partial?.performance?.watch;
  return request.scenario === 'performance-only' && watch !== undefined ? { watch } : {};
}

/** Nothing until the verdict is there. */
function conclusionOf({ incident, ending }: Story): Pick<PhaseInput, 'conclusion'> {
  const { verdict, verdictReasons, healthyAt } = incident.board;
  return verdict === null ? {} : { conclusion: { verdict, reasons: verdictReasons, healthyAt, ending } };
}
