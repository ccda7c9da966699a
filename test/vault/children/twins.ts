import { spawnSync } from 'node:child_process';
import { raiseEpoch, readEpoch } from '../../../vault/epoch.ts';
import { StaleAttempt } from '../../../vault/errors.ts';
import { placesIn, rollbackId } from '../sweep/places.ts';
import { openAttempt } from './attempt.ts';
import { operations } from './operations.ts';

/**
 * Two attempts in one process, as a worker has them that lost its server for a while: at the k-th effect of the first
 * the environment is taken over, the successor begins, and both go on side by side. For every k, each in a world of its
 * own, until the first is done before its k-th effect. Prints how both ended, a line for each k.
 */
const order = JSON.parse(process.argv[2] ?? '{}') as {
  readonly operation: string;
  readonly template: string;
  readonly folder: string;
  readonly every: number;
};

for (let k = 1; ; k += order.every) {
  const world = `${order.folder}-${k}`;
  spawnSync('cp', ['-a', order.template, world]);
  const twins = await runTwins(world, k);
  console.log(JSON.stringify({ k, world, ...twins }));
  if (twins.second === undefined) break;
}

async function runTwins(world: string, k: number) {
  const operation = operations[order.operation];
  if (operation === undefined) throw new TypeError(`There is no operation ${order.operation}.`);
  const places = placesIn(world);
  const first = await openAttempt(places.layout, { operation: order.operation, epoch: 1, attempt: 1 });
  let [effects, effectsAfter] = [0, 0];
  let second: Promise<string> | undefined;
  const beforeEffect = () => {
    effects += 1;
    if (effects === k) {
      raiseEpoch(places.layout, { rollbackId, why: 'the emergency path', at: '2026-01-01T00:00:01.000Z' });
      second = successor(world);
      second.catch(() => undefined);
    }
    first.beforeEffect();
    if (second !== undefined) effectsAfter += 1;
  };
  const outcome = await outcomeOf(async () => operation(places, { ...first, beforeEffect }));
  first.close();
  return { first: outcome, effectsAfter, second: second && (await outcomeOf(() => second)) };
}

/** Another step, so that the claim of the first one's step does not stop it: only the epoch does. */
async function successor(world: string): Promise<string> {
  await new Promise(setImmediate);
  const places = placesIn(world);
  const { epoch } = readEpoch(places.layout);
  const attempt = await openAttempt(places.layout, { operation: `${order.operation}.again`, epoch, attempt: 1 });
  const outcome = await operations[order.operation]?.(places, attempt);
  attempt.close();
  return outcome ?? 'nothing';
}

async function outcomeOf(run: () => Promise<string | undefined> | undefined): Promise<string> {
  try {
    return (await run()) ?? 'nothing';
  } catch (error) {
    return error instanceof StaleAttempt ? 'stale' : String(error);
  }
}
