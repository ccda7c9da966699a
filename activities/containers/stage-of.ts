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
  const own = lastDone(room, id, ['pause', ...ending, 'start', 'unpause']);
  // Woken by the rollback itself, which became one for a part only.
  if (own !== undefined && /^(start|unpause)$/.test(own.kind)) return 'untouched';
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

/** A confirmed effect on a container. */
export interface DoneTo {
  readonly kind: string;
  /** Start time of the run that a stop or kill ended, as the engine told it. */
  readonly startedAt: string | undefined;
}

/** The last confirmed effect of one of these kinds on a container. */
export function lastDone(room: Pick<Room, 'journal'>, id: string, kinds: readonly string[]): DoneTo | undefined {
  return allDone(room, id, kinds).at(-1);
}

/**
 * The run of a container that this rollback ended first: any other start time after it is a return. One that it started
 * again itself, while it was for a part only, counts from there.
 */
export function firstEnded(room: Pick<Room, 'journal'>, id: string): DoneTo | undefined {
  const done = allDone(room, id, [...ending, 'start']);
  const woken = done.findLastIndex(({ kind }) => kind === 'start');
  return done.slice(woken + 1)[0];
}

function allDone(room: Pick<Room, 'journal'>, id: string, kinds: readonly string[]): readonly DoneTo[] {
  const intents = new Map<number, DoneTo>();
  const done: DoneTo[] = [];
  for (const record of room.journal.records()) {
    if (record.kind === 'intent' && record.effect.target === id) {
      const startedAt = record.effect.detail?.['startedAt'];
      const known = typeof startedAt === 'string' ? startedAt : undefined;
      intents.set(record.seq, { kind: record.effect.kind, startedAt: known });
    }
    const effect = record.kind === 'confirm' ? intents.get(record.intent) : undefined;
    if (effect !== undefined && kinds.includes(effect.kind)) done.push(effect);
  }
  return done;
}
