import type { EscalationCause, Rung } from '../runbook/escalation.ts';

/** Argument of the workflow that calls one level after the other. */
export interface EscalationRequest {
  readonly environment: string;
  readonly rollbackId: string;
  readonly scenario: string;
  readonly reason: string;
  readonly targetHash: string;
  readonly rungs: readonly Rung[];
  readonly cause: EscalationCause;
  /** Scales the times of acknowledgement for practice; 1 in earnest. */
  readonly timeScale: number;
}

export interface EscalationResult {
  /** Account of who acknowledged; null when nobody did. */
  readonly acknowledgedBy: string | null;
  /** In order, what became of each level. */
  readonly called: readonly { readonly level: number; readonly name: string; readonly how: string }[];
}

/** What the board shows of the ladder. */
export interface EscalationState {
  readonly workflowId: string;
  readonly cause: EscalationCause;
  readonly since: string;
  readonly acknowledgedBy: string | null;
}
