/** A checkpoint's folder as it lies on disk. */
export interface ShelvedCheckpoint {
  readonly id: string;
  /** ISO instant; null when it was never sealed, or its record cannot be read. */
  readonly createdAt: string | null;
  readonly ref: string | null;
  readonly state: 'sealed' | 'unsealed' | 'damaged';
}

export interface PruneWish {
  /** The newest sealed ones that stay in any case; at least one. */
  readonly keep: number;
  /** Refs that targets name: of each, the checkpoint that a rollback would use stays. */
  readonly refs: readonly { readonly ref: string; readonly by: string }[];
  /** Checkpoints that open rollbacks name. */
  readonly named: readonly { readonly id: string; readonly by: string }[];
}

/** What a prune must respect: the target's own ref, and what rollbacks that are still open need. */
export function pruneWish(
  keep: number,
  targetRef: string,
  open: readonly {
    readonly rollbackId: string;
    readonly checkpoints: readonly string[];
    readonly ref: string | null;
  }[],
): PruneWish {
  const nameOf = (rollbackId: string): string => `the open rollback ${rollbackId}`;
  return {
    keep,
    refs: [
      { ref: targetRef, by: 'the target' },
      ...open.flatMap(({ rollbackId, ref }) => (ref === null ? [] : [{ ref, by: nameOf(rollbackId) }])),
    ],
    named: open.flatMap(({ rollbackId, checkpoints }) => checkpoints.map((id) => ({ id, by: nameOf(rollbackId) }))),
  };
}

export interface PruneFate {
  readonly id: string;
  readonly fate: 'keep' | 'free';
  /** Why, in words; never empty. */
  readonly reasons: readonly string[];
}

/** What stays and what goes, each with all its reasons. Nothing that a rollback could need goes. */
export function decidePrune(known: readonly ShelvedCheckpoint[], wish: PruneWish): readonly PruneFate[] {
  const sealed = known
    .filter(({ state }) => state === 'sealed')
    .sort((a, b) => (b.createdAt ?? '').localeCompare(a.createdAt ?? ''));
  const newest = new Set(sealed.slice(0, Math.max(1, wish.keep)).map(({ id }) => id));
  const used = wish.refs.map(({ ref, by }) => ({ id: sealed.find((one) => one.ref === ref)?.id, by }));
  return known.map(({ id, state }) => {
    const reasons = [
      ...wish.named.filter((one) => one.id === id).map(({ by }) => `${by} names it`),
      ...used.filter((one) => one.id === id).map(({ by }) => `${by} would go back to it`),
      ...(newest.has(id) ? [wish.keep <= 1 ? 'the newest' : `one of the newest ${wish.keep}`] : []),
    ];
    if (reasons.length > 0) return { id, fate: 'keep', reasons };
    if (state === 'damaged') return { id, fate: 'keep', reasons: ['its record cannot be read: a person has to look'] };
    return { id, fate: 'free', reasons: [state === 'unsealed' ? 'never sealed: it counts for nothing' : 'older'] };
  });
}
