import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { nameExists } from '../../../vault/durable-file.ts';
import { JournalReader } from '../../../vault/journal-reader.ts';
import type { JournalRecord } from '../../../vault/journal-record.ts';
import { processStart } from '../../../vault/processes.ts';
import { workerPlaces } from '../../../workers/places.ts';
import type { Practice } from '../support/practice.ts';
import { type KillPoint, reachedBy } from './kill-points.ts';

/** One SIGKILL, and what it really hit. */
export interface Kill {
  readonly point: KillPoint;
  /** Last record of the journal when the worker was gone: the boundary that was hit, whichever was aimed at. */
  readonly last: JournalRecord;
}

export interface Broken {
  readonly kills: readonly Kill[];
  /** Moments that this rollback did not have, since what was killed before them took another way. */
  readonly missed: readonly KillPoint[];
}

/** Nothing is written for so long only when nobody is at work any more: a lost step is taken up after 15 s. */
const stillMs = 90_000;
const overMs = 3_000;

/**
 * Kills the worker from this process at each of the moments, in the order in which they come, and brings it up again
 * each time. The rollback has been started and nobody follows it.
 */
export async function breakRollback(practice: Practice, points: readonly KillPoint[]): Promise<Broken> {
  const kills: Kill[] = [];
  let waiting = points;
  const tail = await JournalTail.of(practice);
  while (waiting.length > 0) {
    const point = await nextReached(tail, waiting);
    if (point === undefined) break;
    await wait(point.delayMs);
    kills.push({ point, last: await killWorker(practice, tail) });
    // Boundaries that passed before the worker was gone cannot come again; a moment some time after one still can.
    const passed = new Set([point, ...reachedBy(tail.records(), waiting).filter(({ delayMs }) => delayMs === 0)]);
    waiting = waiting.filter((one) => !passed.has(one));
    const up = await practice.rollback('up');
    if (up.code !== 0) throw new Error(`The worker does not come up again after ${kills.length} kills:\n${up.text}`);
  }
  const hit = new Set(kills.map(({ point }) => point));
  return { kills, missed: points.filter((point) => !hit.has(point)) };
}

/** @returns undefined when the rollback was over before */
async function nextReached(tail: JournalTail, waiting: readonly KillPoint[]): Promise<KillPoint | undefined> {
  let changedAt = performance.now();
  let count = -1;
  for (;;) {
    const records = tail.records();
    const [reached] = reachedBy(records, waiting);
    if (reached) return reached;
    if (records.length !== count) changedAt = performance.now();
    count = records.length;
    const still = performance.now() - changedAt;
    if (still > overMs && records.some(({ step, kind }) => kind === 'close' && step === 'closing.closeRollback'))
      return;
    if (still > stillMs)
      throw new Error(`Nothing happens any more; the last record: ${JSON.stringify(records.at(-1))}`);
    await wait(1);
  }
}

async function killWorker({ lab, environment }: Practice, tail: JournalTail): Promise<JournalRecord> {
  const { pid, pidStart } = JSON.parse(readFileSync(workerPlaces(lab.stateDir, environment).info, 'utf8')) as {
    readonly pid: number;
    readonly pidStart: string;
  };
  if (processStart(pid) !== pidStart) throw new Error(`The worker (pid ${pid}) was gone before it was killed.`);
  process.kill(pid, 'SIGKILL');
  while (processStart(pid) === pidStart) await wait(1);
  const last = tail.records().at(-1);
  if (last === undefined) throw new Error('The journal was empty when the worker was killed.');
  return last;
}

/** Reads only what was appended: the boundary is gone before the whole file is parsed again. */
class JournalTail {
  readonly #path: string;
  readonly #reader: JournalReader;

  static async of(practice: Practice): Promise<JournalTail> {
    await practice.journalHas('the journal', () => true);
    return new JournalTail(practice.files().journal);
  }

  constructor(path: string) {
    if (!nameExists(path)) throw new Error(`There is no journal ${path}.`);
    this.#path = path;
    this.#reader = new JournalReader(path);
  }

  records(): readonly JournalRecord[] {
    const fd = openSync(this.#path, 'r');
    try {
      const bytes = Buffer.alloc(fstatSync(fd).size - this.#reader.bytesSeen);
      const read = readSync(fd, bytes, 0, bytes.length, this.#reader.bytesSeen);
      if (read > 0) this.#reader.feed(bytes.subarray(0, read));
    } finally {
      closeSync(fd);
    }
    return this.#reader.records();
  }
}
