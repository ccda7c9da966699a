/** What `rollback changes` says: what differs now from the checkpoint. Lists are cut at 50; counts tell the whole. */

/** A part that could not be looked at is named with the reason, and hides no other. */
export type Looked<T> = { readonly found: T } | { readonly problem: string };

export interface ChangesReport {
  readonly kind: 'changes';
  readonly at: string;
  readonly checkpoint: {
    /** null: only the git ref is known. */
    readonly id: string | null;
    readonly ref: string;
    readonly commit: string | null;
    readonly createdAt: string | null;
  };
  readonly commits: Looked<CommitChanges>;
  readonly images: Looked<readonly ImageChange[]>;
  readonly configuration: Looked<readonly ConfigurationChange[]>;
  readonly experiment: Looked<readonly { readonly name: string; readonly state: string }[]>;
  readonly data: readonly RootChanges[];
}

export interface CommitChanges {
  readonly head: string;
  readonly branch: string | null;
  readonly operation: string | null;
  /** Commits that HEAD has and the checkpoint has not, and the other way round. */
  readonly ahead: number;
  readonly behind: number;
  readonly list: readonly { readonly commit: string; readonly at: string; readonly subject: string }[];
  /** Files outside the data roots that are not as in the checkpoint's commit. */
  readonly differing: number;
  readonly sample: readonly string[];
}

export interface ImageChange {
  readonly service: string;
  readonly recorded: string | null;
  readonly now: string | null;
  readonly what: 'same' | 'other-image' | 'no-container' | 'not-recorded';
  readonly state: string | null;
}

/** A key of the effective configuration; values may be secrets and are never told. */
export interface ConfigurationChange {
  /** null: outside the services. */
  readonly service: string | null;
  readonly key: string;
  readonly what: 'added' | 'removed' | 'changed';
}

export interface RootChanges {
  readonly root: string;
  readonly kind: 'path' | 'volume' | 'dump';
  readonly changes: Looked<{
    readonly equal: number;
    readonly differing: number;
    readonly missing: number;
    readonly extra: number;
    readonly bytes: number;
    readonly changedSince: string | null;
    readonly changedUntil: string | null;
    readonly days: readonly { readonly day: string; readonly files: number; readonly bytes: number }[];
  }>;
}
