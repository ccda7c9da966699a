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

/** What `checkpoint prune` asks of the environment's worker. */
export interface PruneRequest {
  readonly environment: string;
  readonly pruneId: string;
  readonly by: Person;
  readonly why: string;
  readonly target: Target;
  readonly targetHash: string;
  /** How many of the newest stay in any case. */
  readonly keep: number;
  /** What the operator was shown and agreed to: nothing else goes. */
  readonly ids: readonly string[];
}

export interface PruneResult {
  readonly pruned: readonly {
    readonly id: string;
    /** Bytes on disk that its removal freed. */
    readonly bytes: number;
    /** Names of images that were let go. */
    readonly images: readonly string[];
    /** Names that stay, since a container uses the image and it has no other. */
    readonly imagesInUse: readonly string[];
  }[];
  /** What was agreed to and stays after all, with the reasons. */
  readonly kept: readonly { readonly id: string; readonly reasons: readonly string[] }[];
}

/** Memo of a running checkpoint. */
export interface CheckpointBoard {
  readonly checkpointId: string;
  readonly environment: string;
  readonly step: string;
  readonly by: Person;
  readonly startedAt: string;
}
