import type { Target } from '../target/schema.ts';
import type { Discard, Person } from './rollback.ts';
import type { StepResult } from './step.ts';

/** What `rollback undo <id>` asks for: the state just before that rollback, whole. */
export interface UndoRequest {
  readonly environment: string;
  /** The rollback to take back. */
  readonly rollbackId: string;
  readonly by: Person;
  readonly why: string;
  /** Agreed beforehand to whatever the plan takes away. */
  readonly yes: boolean;
  /** Hash of the plan that the operator saw and agreed to; only this very plan is carried out. */
  readonly agreedPlan: string | null;
  /** The effective target as it was when the rollback began. */
  readonly target: Target;
  readonly targetHash: string;
  readonly timeScale: number;
}

/** `undone`: all is as before, proven. With exceptions: proven but for what is listed. */
export type UndoVerdict = 'undone' | 'undone-with-exceptions' | 'not-proven' | 'failed';

export interface UndoResult {
  readonly rollbackId: string;
  /** `needs-agreement`: nothing was changed, the plan waits for a yes. `already-undone`: nothing was changed. */
  readonly outcome: UndoVerdict | 'needs-agreement' | 'already-undone';
  readonly reasons: readonly string[];
  /** One sentence per step. */
  readonly notes: readonly string[];
  readonly plan: UndoPlanned | null;
  /** Folder with plan, proof and what was kept aside. */
  readonly path: string;
}

/** How an undo ended, for its record and the rollback's journal; `null`: it never changed anything. */
export interface UndoEnded {
  readonly verdict: UndoVerdict | null;
  readonly reasons: readonly string[];
}

/** What `openUndo` found. */
export interface UndoOpened extends StepResult {
  readonly epoch: number;
  readonly dir: string;
  readonly alreadyUndone: boolean;
}

/** The plan of an undo as far as workflow and people need it; the whole lies on disk. */
export interface UndoPlanned extends StepResult {
  readonly hash: string;
  /** Data roots that go back, in order. */
  readonly roots: readonly string[];
  readonly repository: boolean;
  /** Lines for people: what would be done. */
  readonly lines: readonly string[];
  /** What is there now and would be moved aside. */
  readonly discards: readonly Discard[];
  /** What cannot be brought back as it was, with the reason. */
  readonly exceptions: readonly string[];
  /** Nothing differs from the state before. */
  readonly nothingToDo: boolean;
}

/** What a look at the world says after the undo. */
export interface UndoProven extends StepResult {
  /** What differs from the state before. */
  readonly wrong: readonly string[];
  /** What could not be looked at. */
  readonly unknown: readonly string[];
}

/** Memo of a running undo. */
export interface UndoBoard {
  readonly rollbackId: string;
  readonly environment: string;
  readonly step: string;
  readonly by: Person;
}
