import type { JournalRecord } from '../../vault/journal.ts';

/**
 * Notes in a rollback's journal that say where it stands. `closed` and `left open for resume` are written at its end,
 * the others by what comes after it.
 */
export const standings = [
  'started',
  'resumed',
  'left open for resume',
  'closed',
  'undo begun',
  'undone',
  'committed',
] as const;

export type Standing = (typeof standings)[number];

/** The last of these notes; undefined before the first. */
export function standingOf(records: readonly JournalRecord[]): Standing | undefined {
  const last = records.findLast((record) => record.kind === 'note' && standings.some((text) => text === record.text));
  return last?.kind === 'note' ? standings.find((text) => text === last.text) : undefined;
}
