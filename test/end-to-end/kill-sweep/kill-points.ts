import type { JournalRecord } from '../../../vault/journal-record.ts';
import type { Seeded } from './seeded.ts';

/** A moment in a rollback, as its journal tells it: the n-th record of a kind of a step, and some time after it. */
export interface KillPoint {
  readonly step: string;
  readonly kind: JournalRecord['kind'];
  /** Counted over the whole rollback, from 1: also what a second attempt of the step wrote. */
  readonly nth: number;
  /** 0: as soon as another process can see the record. */
  readonly delayMs: number;
}

export function tellPoint({ step, kind, nth, delayMs }: KillPoint): string {
  return `${step} ${kind} ${nth}${delayMs === 0 ? '' : ` + ${delayMs} ms`}`;
}

/** Between these records lies something: an effect, a step, the way to the next step. */
const boundaryKinds: readonly JournalRecord['kind'][] = ['open', 'intent', 'confirm', 'close', 'note'];

/** Every boundary that the journal of an unbroken rollback shows. */
export function boundariesOf(records: readonly JournalRecord[]): readonly KillPoint[] {
  const seen = new Map<string, number>();
  return records
    .filter(isBoundary)
    .map(({ step, kind }) => ({ step, kind, nth: countUp(seen, step, kind), delayMs: 0 }));
}

/** The watch ends when the verdict is there: after its end there is nothing to break. */
function isBoundary({ kind, step }: JournalRecord): boolean {
  return boundaryKinds.includes(kind) && !(kind === 'close' && step.endsWith('.watchExperiment'));
}

/** Moments spread evenly over the time that the unbroken rollback took, told as some time after a record. */
export function randomPoints(records: readonly JournalRecord[], count: number, random: Seeded): readonly KillPoint[] {
  const boundaries = boundariesOf(records);
  const times = records.filter(isBoundary).map(({ at }) => Date.parse(at));
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  return Array.from({ length: count }, () => {
    const moment = first + random.below(last - first);
    const index = times.findLastIndex((time) => time <= moment);
    const before = boundaries[index];
    if (before === undefined) throw new Error('The journal of the unbroken rollback is empty.');
    return { ...before, delayMs: moment - (times[index] ?? moment) };
  });
}

/** More than this in one step of one rollback would use up its attempts, and then it asks: another story. */
const perStep = 2;
/** Each kill costs the time of a heartbeat: a rollback with more would not end. */
const perRollback = 20;

/** Distributes the moments over as few rollbacks as can be, but over as many as are played at the same time. */
export function intoRollbacks(points: readonly KillPoint[], labs: number): readonly (readonly KillPoint[])[] {
  const rollbacks: KillPoint[][] = Array.from({ length: labs }, () => []);
  for (const point of points) {
    const [free] = rollbacks
      .filter((one) => one.length < perRollback && one.filter(({ step }) => step === point.step).length < perStep)
      .sort((a, b) => a.length - b.length);
    if (free) free.push(point);
    else rollbacks.push([point]);
  }
  return rollbacks.filter((one) => one.length > 0);
}

/** The moments of which the journal now shows the record. */
export function reachedBy(records: readonly JournalRecord[], points: readonly KillPoint[]): readonly KillPoint[] {
  return points.filter(
    ({ step, kind, nth }) => records.filter((one) => one.step === step && one.kind === kind).length >= nth,
  );
}

function countUp(seen: Map<string, number>, step: string, kind: string): number {
  const key = `${step} ${kind}`;
  const count = (seen.get(key) ?? 0) + 1;
  seen.set(key, count);
  return count;
}
