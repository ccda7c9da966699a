import './one-thread.ts';
import { accessSync } from 'node:fs';
import { readEpoch } from '../../../vault/epoch.ts';
import { errorCode, SourceRefused, StaleAttempt, VaultError } from '../../../vault/errors.ts';
import { placesIn } from '../sweep/places.ts';
import { openAttempt } from './attempt.ts';
import { operations } from './operations.ts';

/**
 * Runs one operation of the vault as the activities do, under fence and journal, so often as told, and prints for each
 * run how it ended. What is before the first run is no part of the sweep: the call with this name marks its begin.
 */
const order = JSON.parse(process.argv[2] ?? '{}') as {
  readonly operation: string;
  readonly folder: string;
  readonly attempt: number;
  readonly runs: number;
};

const operation = operations[order.operation];
if (operation === undefined) throw new TypeError(`There is no operation ${order.operation}.`);
const places = placesIn(order.folder);

for (let run = 1; run <= order.runs; run += 1) {
  const { epoch } = readEpoch(places.layout);
  const attempt = await openAttempt(places.layout, { ...order, epoch, attempt: order.attempt + run - 1 });
  mark('sweep-begins');
  let ended: Record<string, unknown>;
  try {
    ended = { outcome: await operation(places, attempt) };
  } catch (error) {
    ended = { outcome: outcomeOf(error), code: errorCode(error), message: String(error) };
  }
  mark('sweep-ends');
  console.log(JSON.stringify(ended));
  attempt.close();
}

function outcomeOf(error: unknown): string {
  if (error instanceof StaleAttempt) return 'stale';
  if (error instanceof SourceRefused) return 'refused';
  return error instanceof VaultError ? error.kind : 'failed';
}

/** A call that changes nothing and shows in the trace. */
function mark(name: string): void {
  try {
    accessSync(`/${name}`);
  } catch {
    // It is not there: only its name matters.
  }
}
