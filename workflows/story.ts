import type { PhaseResult, RecoveryPlanned, RollbackRequest } from '../contract/rollback.ts';
import type { DataChoice, Ending, PlanHashes, RunMode } from '../contract/step.ts';
import type { Incident } from './incident.ts';
import type { Wishes } from './messages.ts';
import type { StepContext } from './run-step.ts';

/** What the parent knows while it carries one rollback out; changed at safe points only. */
export interface Story {
  readonly request: RollbackRequest;
  readonly incident: Incident;
  readonly wishes: Wishes;
  /** How long a question waits, in milliseconds. */
  readonly questionMs: number;
  epoch: number;
  mode: RunMode;
  plans: PlanHashes;
  choices: readonly DataChoice[];
  agreedPlans: readonly string[];
  leaveData: boolean;
  recovery: RecoveryPlanned | undefined;
  /** Keys of rows that are not run again. */
  settled: readonly string[];
  /** Keys of rows that were tried again after their retries were used up. */
  retried: readonly string[];
  /** Number of the next child, so that each has an id of its own. */
  children: number;
  ending: Ending;
  /** Why the verdict cannot be better, told with it. */
  caveats: readonly string[];
}

export function stepContext(story: Story): StepContext {
  const { request } = story;
  return {
    environment: request.environment,
    rollbackId: request.rollbackId,
    epoch: story.epoch,
    targetHash: request.targetHash,
    plans: story.plans,
    mode: story.mode,
    timeScale: request.timeScale,
  };
}

/** Takes over what a phase did, whether it finished or came back early. */
export function takeIn(story: Story, result: PhaseResult): void {
  story.plans = { ...story.plans, ...result.plans };
  if (result.recovery) story.recovery = result.recovery;
  story.settled = [...story.settled, ...result.doneSteps.map((step) => step.key)];
  const healthy = result.doneSteps.findLast((step) => step.step === 'awaitStableHealth');
  story.incident.update({
    recoveryHash: story.plans.recovery ?? null,
    discards: story.recovery?.discards ?? [],
    // Proven healthy is only what no later step can take away again: the end of data recovery or of the emergency path.
    healthyAt: healthy?.outcome === 'done' && !healthy.key.startsWith('immediateResponse') ? healthy.endedAt : null,
  });
}
