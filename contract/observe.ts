import type { Scenario } from '../runbook/scenarios.ts';
import type { Target } from '../target/schema.ts';
import type { ChangesReport } from './changes.ts';
import type { ContainmentPlan, Judgement, RecoveryPlan } from './records.ts';
import type { RecoveryPlanned } from './rollback.ts';
import type { DataChoice } from './step.ts';

/** What `plan`, `doctor`, `changes` and `verify` ask of the target's host; read-only, nothing is kept but a scratch folder. */
export interface ObserveRequest {
  readonly kind: 'plan' | 'doctor' | 'changes' | 'verify' | 'export';
  readonly environment: string;
  readonly target: Target;
  readonly targetHash: string;
  readonly scenario: Scenario;
  readonly security: boolean;
  readonly choices: readonly DataChoice[];
  /** Of `verify`: the rollback whose proof is made again. */
  readonly rollbackId?: string;
}

export interface ForecastContainer {
  readonly name: string;
  readonly service: string | null;
  readonly state: string;
  readonly why: string;
  /** What the rollback does with it, in words. */
  readonly fate: string;
}

/** What a rollback would do now. Lists are cut at 50 entries; counts tell the whole. */
export interface PlanForecast {
  readonly kind: 'plan';
  readonly at: string;
  readonly experiment: { readonly count: number; readonly containers: readonly ForecastContainer[] };
  readonly stable: { readonly count: number; readonly containers: readonly ForecastContainer[] };
  readonly recovery: RecoveryPlanned;
  readonly decisions: readonly {
    readonly root: string;
    readonly action: string;
    readonly reasons: readonly string[];
  }[];
  /** Worst case of all rows of the scenario: timeouts × retries. */
  readonly worstCaseMs: number;
  readonly targetMs: number;
  readonly maximumMs: number;
  readonly refusals: readonly string[];
}

export interface DoctorFinding {
  readonly id: string;
  readonly title: string;
  /** `bad`: a rollback would be refused or fail; `weak`: a guarantee is weaker; `unknown`: could not be looked at. */
  readonly status: 'ok' | 'weak' | 'bad' | 'unknown';
  readonly detail: string;
  readonly remedy: string | null;
}

export interface DoctorReport {
  readonly kind: 'doctor';
  readonly at: string;
  readonly findings: readonly DoctorFinding[];
}

/** The proof of a rollback made again, and what has changed since its verdict. */
export interface VerifyReport {
  readonly kind: 'verify';
  readonly at: string;
  readonly rollbackId: string;
  readonly checkpoint: { readonly id: string | null; readonly commit: string | null };
  /** The verdict that the rollback ended with; null when it was never judged. */
  readonly before: Pick<Judgement, 'at' | 'verdict' | 'git'> | null;
  readonly now: Omit<Judgement, 'format'>;
  /** What is not as it was then, in words; empty when nothing is. */
  readonly changed: readonly string[];
}

/** The plans of now as a script carries them out: container ids and decisions, nothing that grows with the data. */
export interface ExportedPlans {
  readonly kind: 'export';
  readonly containment: ContainmentPlan;
  readonly recovery: RecoveryPlan;
  /** Where data roots lie on the host. */
  readonly paths: readonly { readonly root: string; readonly path: string | null }[];
  /** Why the repository must not be returned. */
  readonly refusals: readonly string[];
}

export type Observation = PlanForecast | DoctorReport | ChangesReport | VerifyReport | ExportedPlans;
