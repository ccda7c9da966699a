import type { ScopeName } from '../runbook/decide-choice.ts';
import type { QuestionKind } from '../runbook/questions.ts';
import type { Scenario } from '../runbook/scenarios.ts';
import type { PhaseName } from '../runbook/steps.ts';
import type { EscalationState } from './escalation.ts';
import type { Discard, Person, Verdict } from './rollback.ts';

/**
 * What everybody can read of a running rollback, kept in the workflow's memo: it needs no live worker (design §3).
 * Bounded: nothing here grows with the data.
 */
export interface Board {
  readonly rollbackId: string;
  readonly environment: string;
  readonly scenario: Scenario;
  readonly mode: 'full' | 'emergency';
  readonly reason: string;
  readonly by: Person;
  readonly startedAt: string;
  readonly clockFrom: string;
  readonly targetAt: string;
  readonly maximumAt: string;
  readonly phase: PhaseName;
  /** Workflow id of the child at work. */
  readonly child: string | null;
  /** Children so far, oldest first: where finished steps can be read. */
  readonly children: readonly string[];
  readonly paused: boolean;
  readonly containmentHash: string | null;
  readonly recoveryHash: string | null;
  readonly discards: readonly Discard[];
  readonly question: Question | null;
  readonly notices: readonly BoardNotice[];
  /** Service seen healthy (ISO), the end of the clock. */
  readonly healthyAt: string | null;
  readonly verdict: Verdict | null;
  readonly verdictReasons: readonly string[];
  readonly reportPath: string | null;
  readonly openObligations: number;
  /** The latest call for help; null when nobody was called. */
  readonly escalation: EscalationState | null;
  /** The latest messages and what became of them; the client waits for its request id. */
  readonly answers: readonly MessageResult[];
}

export interface BoardNotice {
  readonly at: string;
  readonly text: string;
}

export interface MessageResult {
  readonly requestId: string;
  readonly accepted: boolean;
  readonly text: string;
}

export interface Question {
  readonly id: string;
  readonly kind: QuestionKind;
  readonly text: string;
  readonly options: readonly QuestionOption[];
  readonly defaultOption: string;
  readonly deadline: string;
  /** A question about a plan is about this plan: an answer for another changes nothing. */
  readonly planHash: string | null;
}

export interface QuestionOption {
  readonly name: string;
  readonly means: string;
}

/** Every message carries who sent it and an id the sender waits for. */
export interface Message {
  readonly requestId: string;
  readonly by: Person;
  readonly why: string;
}

export interface AnswerMessage extends Message {
  readonly questionId: string;
  readonly option: string;
}

export interface EmergencyMessage extends Message {
  readonly security: boolean;
}

export interface ScopeMessage extends Message {
  readonly scope: ScopeName | Scenario;
  /** Only asks what would be different; changes nothing. */
  readonly preview: boolean;
}

/** Memo key of the board. */
export const boardKey = 'board';
