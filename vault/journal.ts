import { closeSync, constants, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { copyMode, ensureDir, nameExists, syncDir } from './durable-file.ts';
import { errorCode, JournalDamaged, JournalWriteFailed } from './errors.ts';
import { JournalReader } from './journal-reader.ts';
import {
  encodeLine,
  type JournalEntry,
  type JournalRecord,
  journalFormat,
  openObligationsOf,
  unconfirmedIntentsOf,
} from './journal-record.ts';

export type {
  Confirm,
  Discharge,
  Effect,
  Intent,
  JournalEntry,
  JournalRecord,
  Obligation,
  Recovery,
} from './journal-record.ts';

/**
 * The journal of one rollback: what was intended, done and confirmed, and what is still owed. Append-only text, one
 * record per line: `<first 16 hex of the SHA-256 of the JSON> <JSON>\n`; the first line is a header with the format.
 *
 * Two writers are safe without a lock. Each record is one write() in O_APPEND mode, which the kernel puts whole behind
 * what is there; and a record's `seq` is its line number, which is decided by the file and not by a writer. A tail torn
 * by a kill or a full disk is never cut off, since the other writer may be about to finish it: the next append puts a
 * line end and a `seal` record behind it, and readers pass over a bad line that a seal follows.
 */
export interface Journal {
  readonly path: string;
  /**
   * Makes a record durable (write + fdatasync) and returns its seq.
   * @throws JournalWriteFailed; the effect that the record announces must then not happen
   */
  append(entry: JournalEntry): number;
  /** All records so far, also those that another process has appended meanwhile. */
  records(): readonly JournalRecord[];
  /** Obligations without a discharge, oldest first. */
  openObligations(): readonly JournalRecord<'obligation'>[];
  /** Intents of which nobody has confirmed how they ended, oldest first. */
  unconfirmedIntents(): readonly JournalRecord<'intent'>[];
  close(): void;
}

/**
 * Opens a journal to go on writing it; makes it, with its folder, when there is none.
 * @throws JournalDamaged when a line before the torn tail is bad
 */
export function openJournal(path: string): Journal {
  const existed = nameExists(path);
  if (!existed) ensureDir(dirname(path));
  const fd = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, copyMode);
  try {
    if (!existed) syncDir(dirname(path));
    const journal = new FileJournal(path, fd);
    journal.start();
    return journal;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * Reads a journal without writing to it.
 * @throws JournalDamaged; ENOENT when there is none
 */
export function readJournal(path: string): {
  readonly records: readonly JournalRecord[];
  readonly tornTail: boolean;
} {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    const reader = new JournalReader(path);
    reader.feed(readFrom(fd, 0, fstatSync(fd).size));
    return { records: reader.records(), tornTail: reader.tornFrom !== undefined };
  } finally {
    closeSync(fd);
  }
}

/** Obligations of a journal that was only read. */
export function openObligations(records: readonly JournalRecord[]): readonly JournalRecord<'obligation'>[] {
  return openObligationsOf(records);
}

/** Intents without a confirmation, of a journal that was only read. */
export function unconfirmedIntents(records: readonly JournalRecord[]): readonly JournalRecord<'intent'>[] {
  return unconfirmedIntentsOf(records);
}

class FileJournal implements Journal {
  readonly path: string;
  readonly #fd: number;
  readonly #reader: JournalReader;
  #broken = false;

  constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
    this.#reader = new JournalReader(path);
  }

  start(): void {
    this.#catchUp();
    // Two creators may both write a header: the second is one more line that readers accept.
    if (this.#reader.isEmpty) this.#write(encodeLine({ kind: 'header', format: journalFormat }));
  }

  append(entry: JournalEntry): number {
    if (this.#broken) {
      // After EIO an fsync on the same descriptor lies (facts): only a newly opened journal can be trusted.
      throw new JournalWriteFailed({ path: this.path, code: 'EIO', cause: new Error('an earlier append failed') });
    }
    const line = encodeLine(entry);
    this.#write(line);
    return this.#reader.lastSeqOf(line);
  }

  records(): readonly JournalRecord[] {
    this.#catchUp();
    return this.#reader.records();
  }

  openObligations(): readonly JournalRecord<'obligation'>[] {
    return openObligationsOf(this.records());
  }

  unconfirmedIntents(): readonly JournalRecord<'intent'>[] {
    return unconfirmedIntentsOf(this.records());
  }

  close(): void {
    closeSync(this.#fd);
  }

  #write(line: string): void {
    this.#catchUp();
    const from = this.#reader.tornFrom;
    const seal = from === undefined ? '' : `\n${encodeLine({ kind: 'seal', at: new Date().toISOString(), from })}`;
    const bytes = Buffer.from(seal + line);
    try {
      const written = writeSync(this.#fd, bytes);
      if (written !== bytes.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
      fdatasyncSync(this.#fd);
    } catch (error) {
      this.#broken = true;
      throw new JournalWriteFailed({ path: this.path, code: errorCode(error) ?? 'unknown', cause: error });
    }
    this.#catchUp();
  }

  #catchUp(): void {
    const size = fstatSync(this.#fd).size;
    if (size < this.#reader.bytesSeen) {
      throw new JournalDamaged({ path: this.path, line: 1, offset: size, why: 'it became shorter than it was' });
    }
    this.#reader.feed(readFrom(this.#fd, this.#reader.bytesSeen, size));
  }
}

/** Up to where the file reached a moment ago: another process that keeps appending must not keep us reading. */
function readFrom(fd: number, start: number, end: number): Buffer {
  const bytes = Buffer.alloc(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const count = readSync(fd, bytes, filled, bytes.length - filled, start + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
