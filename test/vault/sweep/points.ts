import { seeded } from '../../end-to-end/kill-sweep/seeded.ts';
import type { Bench } from './bench.ts';
import type { Call, CallGroup } from './calls.ts';

/** What is done to a call: the process ends before it, it fails, or it says it wrote and did not. */
export type Fault = 'kill' | 'ENOSPC' | 'EIO' | 'lie';

export interface Point {
  readonly bench: Bench;
  readonly fault: Fault;
  readonly call: Call;
}

/** By these names Node also reads and writes pipes of its own (see `children/one-thread.ts`): their count is no place. */
const uncertain: readonly string[] = ['read', 'write'];

/** Every point of an operation. A call that only reads can fail, but ends nothing by being the last. */
export function pointsOf(bench: Bench): Point[] {
  const calls = bench.calls.filter(({ name }) => !uncertain.includes(name));
  return calls.flatMap((call) => faultsFor(call).map((fault) => ({ bench, fault, call })));
}

function faultsFor({ group, name, returned }: Call): readonly Fault[] {
  if (group === 'read') return ['EIO'];
  // Content is proven by its hash; what a small record says is not, so only content may be lied about.
  const content = returned > 0 && (name === 'pwrite64' || name === 'copy_file_range');
  return content ? ['kill', 'ENOSPC', 'EIO', 'lie'] : ['kill', 'ENOSPC', 'EIO'];
}

/** The expression for strace's `-e inject=`. */
export function injectionOf({ fault, call }: Point): string {
  const what = { kill: 'signal=SIGKILL', ENOSPC: 'error=ENOSPC', EIO: 'error=EIO', lie: `retval=${call.returned}` };
  return `${call.name}:${what[fault]}:when=${call.when}`;
}

/** A seeded choice in which every operation, group of calls and fault has its turn before any has a second. */
export function sampleOf(points: readonly Point[], seed: number, count: number): Point[] {
  const { shuffle } = seeded(seed);
  const piles = new Map<string, Point[]>();
  for (const point of shuffle(points)) {
    const key = `${point.bench.operation} ${point.call.group} ${point.fault}`;
    piles.set(key, [...(piles.get(key) ?? []), point]);
  }
  // One of each operation first: the traced calls differ from machine to machine, and with them what a seed chooses.
  const operations = new Set(points.map(({ bench }) => bench.operation));
  const chosen = [...operations].flatMap((operation) => {
    const key = [...piles.keys()].find((each) => each.startsWith(`${operation} `));
    const first = key === undefined ? undefined : piles.get(key)?.shift();
    return first === undefined ? [] : [first];
  });
  for (let turn = 0; chosen.length < count; turn += 1) {
    const round = shuffle([...piles.values()]).flatMap((pile) => pile.slice(turn, turn + 1));
    if (round.length === 0) break;
    chosen.push(...round);
  }
  return chosen.slice(0, count);
}

/** Calls by group, for `--list`. */
export function countsOf(bench: Bench): ReadonlyMap<CallGroup, number> {
  const counts = new Map<CallGroup, number>();
  for (const { group } of bench.calls) counts.set(group, (counts.get(group) ?? 0) + 1);
  return counts;
}

/** Where an attempt can stand still: at each of its calls, once. */
export function freezePointsOf(bench: Bench): Point[] {
  return pointsOf(bench).filter(({ fault, call }) => fault === 'kill' || call.group === 'read');
}
