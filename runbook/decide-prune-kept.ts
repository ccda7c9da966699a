/** What is known of a rollback when somebody wants to free what it has kept. */
export interface PruneCandidate {
  readonly rollbackId: string;
  readonly standing: string | undefined;
  /** Milliseconds since the last record of its journal. */
  readonly ageMs: number;
}

export interface PruneDecision {
  readonly rollbackId: string;
  readonly free: boolean;
  readonly reason: string;
}

/** Only what nobody can need any more: committed or undone, and ended long enough ago. */
export function decidePruneKept(candidates: readonly PruneCandidate[], olderThanMs: number): readonly PruneDecision[] {
  return candidates.map(({ rollbackId, standing, ageMs }) => {
    const settled = standing === 'committed' || standing === 'undone';
    if (!settled) {
      const reason = standing === 'closed' ? 'it can still be undone: commit it first' : 'it has not ended';
      return { rollbackId, free: false, reason };
    }
    if (ageMs < olderThanMs) return { rollbackId, free: false, reason: `it was ${standing} a short time ago` };
    return { rollbackId, free: true, reason: `it is ${standing}` };
  });
}
