import type { RollbackScenario } from '../runbook/scenarios.ts';
import type { Target } from '../target/schema.ts';
import type { RecoveryPlanned } from './rollback.ts';
import type { DataChoice } from './step.ts';

/** What `plan` and `doctor` ask of the target's host; read-only, nothing is kept but a scratch folder. */
export interface ObserveRequest {
  readonly kind: 'plan' | 'doctor';
  readonly environment: string;
  readonly target: Target;
  readonly targetHash: string;
  readonly scenario: RollbackScenario;
  readonly security: boolean;
  readonly choices: readonly DataChoice[];
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

export type Observation = PlanForecast | DoctorReport;
