import type { Target } from '../target/schema.ts';
import type { Person } from './rollback.ts';
import type { StepResult } from './step.ts';

/** What is kept up outside a rollback, under lock and epoch (design §3). */
export type UpkeepTask =
  /** Single files back from what a rollback has kept: absolute paths, as bytes in base64 where they are no text. */
  | {
      readonly kind: 'recover';
      readonly rollbackId: string;
      readonly paths: readonly string[];
      readonly to: string | null;
    }
  /** Ends the time in which a rollback can be undone. */
  | { readonly kind: 'commit'; readonly rollbackId: string }
  /** Frees what rollbacks have kept that are committed or undone, and ended longer ago than this. */
  | { readonly kind: 'prune'; readonly olderThanMs: number };

export interface UpkeepRequest {
  readonly environment: string;
  /** `<kind>-<UTC>-<4 chars>`, made by the client. */
  readonly upkeepId: string;
  readonly task: UpkeepTask;
  readonly by: Person;
  readonly why: string;
  readonly yes: boolean;
  /** Hash of the list that the operator saw and agreed to. */
  readonly agreedPlan: string | null;
  readonly target: Target;
  readonly targetHash: string;
  readonly timeScale: number;
}

export interface UpkeepResult {
  readonly upkeepId: string;
  readonly kind: UpkeepTask['kind'];
  /** `needs-agreement`: nothing was changed, the list waits for a yes. */
  readonly outcome: 'done' | 'already-done' | 'needs-agreement' | 'failed';
  readonly reason: string;
  readonly lines: readonly string[];
  readonly plan: UpkeepPlanned | null;
  readonly path: string;
}

export interface UpkeepOpened extends StepResult {
  readonly epoch: number;
  readonly dir: string;
}

/** What `prune` would free. */
export interface UpkeepPlanned extends StepResult {
  readonly hash: string;
  readonly lines: readonly string[];
  readonly bytes: number;
}

/** What an upkeep did, one line each; the first fifty. */
export interface UpkeepDone extends StepResult {
  readonly lines: readonly string[];
}
