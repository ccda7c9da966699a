import type { Scenario } from '../runbook/scenarios.ts';
import type { StepName } from '../runbook/steps.ts';
import type { Target } from '../target/schema.ts';
import type { Conclusion, DataChoice, DoneStep, PlanHashes, RunMode, StepResult } from './step.ts';

/** Who asked, as the operating system knows them; no option sets it. */
export interface Person {
  readonly account: string;
  readonly uid: number;
  readonly host: string;
}

export interface RollbackRequest {
  readonly environment: string;
  readonly rollbackId: string;
  readonly scenario: Scenario;
  readonly reason: string;
  readonly by: Person;
  /** ISO instant the clock runs from: the start, or `--since`. */
  readonly clockFrom: string;
  /** The operator has agreed beforehand to whatever the recovery plan discards. */
  readonly yes: boolean;
  /** Hash of the forecast recovery plan that the operator saw and agreed to; only this very plan needs no second question. */
  readonly agreedPlan: string | null;
  /** Somebody sits at a terminal and can answer; without, the table's default applies at the deadline. */
  readonly attended: boolean;
  readonly security: boolean;
  readonly choices: readonly DataChoice[];
  /** The effective target: parsed once, at the client's edge. */
  readonly target: Target;
  readonly targetHash: string;
  /** Continues this rollback from its journal. */
  readonly resume: boolean;
  /** Scales timeouts and marks for practice; 1 in earnest. Shown in the plan. */
  readonly timeScale: number;
}

/** What `openRollback` found and took. */
export interface Opened extends StepResult {
  readonly epoch: number;
  readonly resumed: boolean;
  readonly rollbackDir: string;
}

export interface Planned extends StepResult {
  readonly hash: string;
}

/** The recovery plan as far as workflow and people need it; the whole lies on disk. */
export interface RecoveryPlanned extends Planned {
  /** In order, only what there is to do; each becomes a row `step` with option `root`. */
  readonly steps: readonly PlannedStep[];
  readonly discards: readonly Discard[];
  readonly questions: readonly RecoveryQuestion[];
  readonly checkpoint: { readonly id: string | null; readonly commit: string };
  readonly conflicts: number;
}

export interface PlannedStep {
  readonly step: StepName;
  readonly root?: string;
  readonly destroys: boolean;
  readonly title: string;
  readonly reason: string;
}

export interface Discard {
  readonly what: string;
  readonly files: number;
  readonly bytes: number;
  /** ISO instant: the oldest change that would be taken back. */
  readonly changedSince: string | null;
  readonly keptAt: string;
}

/** A data root whose state could not be judged, or whose policy is `ask`. */
export interface RecoveryQuestion {
  readonly root: string;
  readonly why: string;
}

export interface PhaseInput {
  readonly request: Omit<RollbackRequest, 'target'>;
  readonly scripts: readonly string[];
  readonly epoch: number;
  /** Rises with each child: rows run again are later than what was tried before. */
  readonly round: number;
  readonly plans: PlanHashes;
  readonly mode: RunMode;
  /** Rows already settled: not run again. */
  readonly settled: readonly string[];
  /** The recovery plan made by an earlier run of this phase. */
  readonly recovery?: RecoveryPlanned;
  /** Hashes of recovery plans the operator agreed to. */
  readonly agreedPlans: readonly string[];
  /** The operator decided to leave data and files alone. */
  readonly leaveData: boolean;
  /** How far the watch over a limited experiment is. */
  readonly relief?: ReliefWatch;
  /** How far the mended migration is. */
  readonly migration?: MigrationState;
  /** How a limited experiment is watched. */
  readonly watch?: { readonly forMs: number; readonly everyMs: number; readonly good: number };
  /** Told to the documentation. */
  readonly conclusion?: Conclusion;
}

/** The watch over a limited experiment, so that it goes on after a pause. */
export interface ReliefWatch {
  /** ISO instant. */
  readonly until: string;
  readonly taken: number;
  /** Good samples in a row, up to the last. */
  readonly good: number;
  /** Somebody decided to leave it as it is, although it is not better. */
  readonly accepted?: boolean;
}

/** The migration after its data went back: run again as often as somebody says that it is mended. */
export interface MigrationState {
  readonly runs: number;
  /** `failed` has still to be taken back; `unchanged` was refused, nothing was run. */
  readonly last: 'none' | 'wanted' | 'done' | 'failed' | 'taken-back' | 'unchanged' | 'left';
  /** What the last run said. */
  readonly said: string;
}

/** Why a phase came back before its last row. */
export type StopReason = 'finished' | 'exhausted' | 'asked-to-stop' | 'needs-approval' | 'not-better' | 'needs-fix';

export interface PhaseResult {
  readonly doneSteps: readonly DoneStep[];
  /** Key of the row it did not get past; null when it finished. */
  readonly stoppedAt: string | null;
  readonly why: StopReason;
  readonly plans: PlanHashes;
  readonly recovery?: RecoveryPlanned;
  readonly relief?: ReliefWatch;
  readonly migration?: MigrationState;
}

export type Verdict = 'restored' | 'restored-with-exceptions' | 'not-proven' | 'failed';

/** `not-applicable`: the target declares nothing that the item could be measured by; it is no part of the verdict. */
export type ItemStatus = 'pass' | 'fail' | 'unknown' | 'needs-human' | 'not-applicable';

export interface ChecklistResult {
  readonly id: string;
  readonly status: ItemStatus;
  /** What was measured, in words with numbers. */
  readonly measured: string;
  readonly required: boolean;
  /** File in the state folder with what was seen. */
  readonly evidence?: string;
}

/** What an independent look at the world at the end says (design §4.13). */
export interface Judged extends StepResult {
  readonly verdict: Verdict;
  /** Why it is not simply `restored`; empty when it is. */
  readonly reasons: readonly string[];
  readonly items: readonly ChecklistResult[];
}

export interface RollbackResult {
  readonly rollbackId: string;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly reportPath: string | null;
  readonly openObligations: number;
}
