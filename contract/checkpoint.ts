import type { Target } from '../target/schema.ts';
import type { Person } from './rollback.ts';

export interface CheckpointRequest {
  readonly environment: string;
  readonly checkpointId: string;
  readonly by: Person;
  readonly why: string;
  readonly target: Target;
  readonly targetHash: string;
  readonly timeScale: number;
}

export interface CheckpointResult {
  readonly checkpointId: string;
  readonly outcome: 'sealed' | 'failed';
  /** One sentence per finding: what was recorded, or why it was not. */
  readonly notes: readonly string[];
  readonly path: string;
}

/** Memo of a running checkpoint. */
export interface CheckpointBoard {
  readonly checkpointId: string;
  readonly environment: string;
  readonly step: string;
  readonly by: Person;
  readonly startedAt: string;
}
