import type {
  MigrationState,
  PhaseResult,
  RecoveryPlanned,
  ReliefWatch,
  RollbackRequest,
} from '../contract/rollback.ts';
import type { DataChoice, Ending, PlanHashes, RunMode } from '../contract/step.ts';
import { rowOf } from '../runbook/steps.ts';
import type { Incident } from './incident.ts';
import type { Wishes } from './messages.ts';
import type { People } from './people.ts';
import type { StepContext } from './run-step.ts';

/** What the parent knows while it carries one rollback out; changed at safe points only. */
export interface Story {
  /** As it came; the emergency path may add `security`. */
  request: RollbackRequest;
  readonly incident: Incident;
  readonly wishes: Wishes;
  readonly people: People;
  /** How long a question waits, in milliseconds. */
  readonly questionMs: number;
  epoch: number;
  mode: RunMode;
  plans: PlanHashes;
  choices: readonly DataChoice[];
  agreedPlans: readonly string[];
  leaveData: boolean;
  recovery: RecoveryPlanned | undefined;
  /** How far the watch over a limited experiment is. */
  relief: ReliefWatch | undefined;
  /** How far the mended migration is. */
  migration: MigrationState | undefined;
  /** Keys of rows that are not run again. */
  settled: readonly string[];
  /** Keys of rows that were tried again after their retries were used up. */
  retried: readonly string[];
  /** Number of the next child, so that each has an id of its own. */
  children: number;
  /** How often rows were set to work, by a child or by the parent itself: see {@link StepContext.round}. */
  rounds: number;
  ending: Ending;
  /** Why the verdict cannot be better, told with it. */
  caveats: readonly string[];
}

/** What the next rows are told, under a round of their own. */
export function nextContext(story: Story): StepContext {
  const { request } = story;
  story.rounds += 1;
  return {
    environment: request.environment,
    rollbackId: request.rollbackId,
    epoch: story.epoch,
    targetHash: request.targetHash,
    plans: story.plans,
    mode: story.mode,
    timeScale: request.timeScale,
    round: story.rounds,
  };
}

/** Takes over what a phase did, whether it finished or came back early. */
export function takeIn(story: Story, result: PhaseResult): void {
  story.plans = { ...story.plans, ...result.plans };
  if (result.recovery) story.recovery = result.recovery;
  if (result.relief) story.relief = result.relief;
  if (result.migration) story.migration = result.migration;
  story.settled = [...story.settled, ...result.doneSteps.map((step) => step.key)];
  story.incident.update({
    recoveryHash: story.plans.recovery ?? null,
    discards: story.recovery?.discards ?? [],
    healthyAt: healthyAfter(story.incident.board.healthyAt, result),
  });
}

/** Proven healthy is only what no later step can take away again: the end of data recovery or of the emergency path. */
function healthyAfter(before: string | null, { doneSteps }: PhaseResult): string | null {
  const last = doneSteps.findLast((done) => done.step === 'awaitStableHealth' || rowOf(done.step).effect !== 'reads');
  if (last === undefined) return before;
  const proven = last.step === 'awaitStableHealth' && last.outcome === 'done';
  return proven && !last.key.startsWith('immediateResponse') ? last.endedAt : null;
}

/** Whether this is the row that stops what uses the data. */
export function stopsDataUsers(key: string): boolean {
  return key.endsWith('.stopDataUsers');
}
