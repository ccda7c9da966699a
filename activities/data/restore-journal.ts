import type { RestoreSource } from '../../contract/records.ts';
import type { JournalRecord } from '../../vault/journal.ts';
import type { RestoreJournal } from '../../vault/restore-tree.ts';
import type { Intent, Room } from '../kernel/room.ts';

/** Kind of the journal's intent that stands before the first change of a data root; its detail names the root. */
const restoreIntent = 'restore-data';

export interface RestoreOf {
  readonly root: string;
  readonly source: RestoreSource;
  /** Path of the data, or the root's name where there is none. */
  readonly target: string;
}

/**
 * Said right before the first change and not earlier: what was refused while it was looked at and staged was not begun,
 * and whoever plans next must not take it for half put back.
 */
export function restoreIntentOf({ root, source, target }: RestoreOf): Intent {
  return { kind: restoreIntent, target, recovery: 'do-again', detail: { root, source } };
}

/**
 * Whether an attempt of this rollback began to change a data root and none finished it since: it must not stay so. The
 * emergency path finishes under a step of its own, which settles what the step before it had begun.
 */
export function wasBegun({ journal }: Pick<Room, 'journal'>, root: string): boolean {
  const own = new Set<number>();
  let begun = false;
  for (const record of journal.records()) {
    if (record.kind === 'intent' && isRestoreOf(record, root)) {
      own.add(record.seq);
      begun = true;
    }
    if (record.kind === 'confirm' && own.has(record.intent)) begun = false;
  }
  return begun;
}

function isRestoreOf({ effect }: JournalRecord<'intent'>, root: string): boolean {
  return effect.kind === restoreIntent && effect.detail?.['root'] === root;
}

/** For a restore that knows itself when its first change comes. */
export function restoreJournalOf(room: Room, restore: RestoreOf): RestoreJournal {
  const { epoch, key, schedule } = room.input;
  const who = () => ({ at: new Date(room.world.now()).toISOString(), epoch, step: key, schedule, attempt: 1 });
  const { kind, target, recovery, detail } = restoreIntentOf(restore);
  return {
    intent(effect) {
      room.beforeEffect();
      return room.journal.append({
        ...who(),
        kind: 'intent',
        effect: { kind, target, detail: { ...effect.detail, ...detail } },
        recovery,
      });
    },
    confirm(intent, result, reason) {
      room.journal.append({ ...who(), kind: 'confirm', intent, result, reason });
    },
  };
}
