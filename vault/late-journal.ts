import { type Journal, openJournal, readJournal } from './journal.ts';
import { type JournalEntry, type JournalRecord, openObligationsOf, unconfirmedIntentsOf } from './journal-record.ts';

/** What one journal waits for; it lives as long as this process. */
interface Late {
  readonly kept: JournalRecord[];
  /** Number in memory → line in the file, of what was written late. */
  readonly places: Map<number, number>;
  given: number;
}

const late = new Map<string, Late>();

/** Beyond all lines of a journal: the place of an entry is not known before it is written. */
const firstNumber = 1_000_000_000;

/**
 * A journal that is there and cannot be written, because its disk is full: what is appended stays in memory and is
 * written by {@link writeLateEntries} as soon as there is space. Only for acts that look at the world first and need
 * no record to be done again: when this process ends before, what they did is seen there and nowhere else.
 * @throws ENOENT when there is no journal; JournalDamaged
 */
export function openLateJournal(path: string): Journal {
  const mine = lateOf(path);
  const records = (): readonly JournalRecord[] => [...readJournal(path).records, ...mine.kept];
  records();
  return {
    path,
    append(entry) {
      const seq = firstNumber + mine.given;
      mine.given += 1;
      mine.kept.push({ ...entry, seq } as JournalRecord);
      return seq;
    },
    records,
    openObligations: () => openObligationsOf(records()),
    unconfirmedIntents: () => unconfirmedIntentsOf(records()),
    close: () => undefined,
  };
}

/**
 * Writes what was kept in memory, in its order.
 * @returns how many entries
 * @throws JournalWriteFailed; what was not written is kept on
 */
export function writeLateEntries(path: string): number {
  const { kept, places } = lateOf(path);
  if (kept.length === 0) return 0;
  const journal = openJournal(path);
  let written = 0;
  try {
    for (let next = kept[0]; next !== undefined; next = kept[0]) {
      const { seq, ...entry } = next;
      places.set(seq, journal.append(placed(entry as JournalEntry, places)));
      kept.shift();
      written += 1;
    }
  } finally {
    journal.close();
  }
  return written;
}

function lateOf(path: string): Late {
  const known = late.get(path) ?? { kept: [], places: new Map(), given: 0 };
  late.set(path, known);
  return known;
}

/** A confirmation names its intent by the line, which is known only now. */
function placed(entry: JournalEntry, places: ReadonlyMap<number, number>): JournalEntry {
  if (entry.kind !== 'confirm' && entry.kind !== 'effect') return entry;
  return { ...entry, intent: places.get(entry.intent) ?? entry.intent };
}
