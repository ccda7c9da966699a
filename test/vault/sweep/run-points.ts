import { inOrder } from '../../../vault/bounded.ts';
import type { Point } from './points.ts';
import { tryPoint } from './try-point.ts';

/** Tries the points, two at a time, and gives what is wrong. @param tell called after each, for people who wait */
export async function runPoints(
  points: readonly Point[],
  tell: (done: number, faults: readonly string[]) => void = () => undefined,
): Promise<string[]> {
  const all: string[] = [];
  let done = 0;
  const source = (async function* () {
    yield* points;
  })();
  for await (const faults of inOrder(source, 2, tryPoint)) {
    done += 1;
    all.push(...faults);
    tell(done, faults);
  }
  return all;
}
