import type { JournalRecord } from '../../vault/journal.ts';
import type { Room } from '../kernel/room.ts';

/** How far this rollback has taken a container out. */
export type Stage = 'untouched' | 'paused' | 'stopped';

const ending: readonly string[] = ['stop', 'kill'];

/**
 * As the journal has it, by what was last confirmed of this container. One of which nothing is recorded (it was down,
 * or nobody knew it) has to go where the experiment as a whole is.
 */
export function stageOf(room: Pick<Room, 'journal'>, id: string): Stage {
  const own = lastDone(room, id, ['pause', ...ending]);
  if (own !== undefined) return own.kind === 'pause' ? 'paused' : 'stopped';
  const records = room.journal.records();
  if (records.some(isPartOf('stopExperiment'))) return 'stopped';
  return records.some(isPartOf('containExperiment')) ? 'paused' : 'untouched';
}

/** An effect of that step, or that it ended well with nothing to do. */
function isPartOf(step: string) {
  return (record: JournalRecord): boolean => {
    if (record.kind !== 'intent' && record.kind !== 'close') return false;
    if (!record.step.endsWith(`.${step}`)) return false;
    return record.kind === 'close' ? /^(done|already-done)$/.test(record.result) : changesState(record);
  };
}

function changesState({ effect }: JournalRecord<'intent'>): boolean {
  return effect.kind === 'pause' || ending.includes(effect.kind);
}

/** The last confirmed effect of one of these kinds on a container. */
export function lastDone(
  room: Pick<Room, 'journal'>,
  id: string,
  kinds: readonly string[],
): { readonly kind: string; readonly at: string } | undefined {
  const intents = new Map<number, string>();
  let last: { readonly kind: string; readonly at: string } | undefined;
  for (const record of room.journal.records()) {
    if (record.kind === 'intent' && record.effect.target === id) intents.set(record.seq, record.effect.kind);
    const kind = record.kind === 'confirm' ? intents.get(record.intent) : undefined;
    if (kind !== undefined && kinds.includes(kind)) last = { kind, at: record.at };
  }
  return last;
}
