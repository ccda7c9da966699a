import type { VerdictName } from '../runbook/cap-verdict.ts';
import type { Scenario } from '../runbook/scenarios.ts';
import type { StepName } from '../runbook/steps.ts';

/** How a step ended (design §1). `unknown` is neither pass nor fail: somebody has to look. */
export type Outcome = 'done' | 'already-done' | 'skipped' | 'failed' | 'unknown';

/** A file in the state folder: histories carry its path and digest, never its content. */
export interface FileRef {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** What every act is told: whose it is, under which epoch, and which attempt to do it this is. */
export interface StepInput {
  readonly environment: string;
  readonly rollbackId: string;
  /** Acts of a lower epoch than the environment's do nothing. */
  readonly epoch: number;
  /** Row of the step table, with the phase it runs in: `dataRecovery.restoreData:agent`. Journal and fences are keyed by it. */
  readonly key: string;
  /** Rises whenever the workflow schedules the same row again: after a timeout, on a retry, in a later child. */
  readonly schedule: number;
  /** Digest of the effective target in the state folder; a differing snapshot is refused. */
  readonly targetHash: string;
  /** Hashes of the plans this act carries out; a differing plan on disk is refused. */
  readonly plans: PlanHashes;
  readonly mode: RunMode;
  readonly options: StepOptions;
}

export interface PlanHashes {
  readonly containment?: string;
  readonly recovery?: string;
  readonly undo?: string;
  readonly prune?: string;
  readonly partial?: string;
}

/** `emergency` rows are bounded more tightly and move aside instead of copying (design §3, §4.4). */
export type RunMode = 'full' | 'emergency';

/** The few values that single out one act among those of the same name. */
export interface StepOptions {
  /** Cut networks, kill without unpausing. */
  readonly security?: boolean;
  /** Scenario says the data may be corrupt: the experiment is killed, not unpaused (design §4.1). */
  readonly suspectData?: boolean;
  /** Name of a data root. */
  readonly root?: string;
  /** Name of a script of the target. */
  readonly script?: string;
  /** Data roots the operator asked to put back, or to leave alone. */
  readonly choices?: readonly DataChoice[];
  /** Number of a sample, or of a run, that happens again and again. */
  readonly sample?: number;
  /** What the rollback becomes, when its scope changes. */
  readonly scenario?: Scenario;
  /** How the rollback ends: only a finished one is closed in the journal, a cancelled one can be resumed. */
  readonly ending?: Ending;
  /** For the report. */
  readonly conclusion?: Conclusion;
}

/** What the rollback says of itself at its end: steps left out can make the verdict worse than the judgement's. */
export interface Conclusion {
  readonly verdict: VerdictName;
  readonly reasons: readonly string[];
  /** Service seen healthy (ISO), the end of the clock. */
  readonly healthyAt: string | null;
  readonly ending: Ending;
}

export type Ending = 'finished' | 'cancelled' | 'gave-up';

export interface DataChoice {
  readonly root: string;
  readonly action: 'put-back' | 'leave';
}

export interface StepResult {
  readonly outcome: Outcome;
  /** One sentence for the operator: what happened, and for a failure what was not attempted. */
  readonly reason: string;
  readonly figures?: Readonly<Record<string, number | string | boolean>>;
  readonly files?: readonly FileRef[];
}

/** A step as the phase tells its parent about it. */
export interface DoneStep extends StepResult {
  readonly key: string;
  readonly step: StepName;
  readonly startedAt: string;
  readonly endedAt: string;
}
