import type { Command } from 'commander';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import type { Place } from '../environment.ts';
import { environmentsIn, placeOf, stateRootOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import type { Output } from '../output.ts';

export const usage = `Stops the worker of an environment, and the embedded Temporal server when no other environment's worker needs it. Only
processes that we started are stopped; the server's database stays.

Refused while a rollback runs: it would stand still until "rollback up". --force does it all the same.`;

export function options(command: Command): void {
  command
    .option('--all', 'the workers of all environments of the state folder, and the server')
    .option('--force', 'also while a rollback runs: it is paused until "rollback up"');
  placeOptions(command);
}

interface DownOptions extends PlaceOptions {
  readonly all?: boolean;
  readonly force?: boolean;
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<DownOptions>();
  const places = placesOf(given);
  const paused = await runningIn(places, given, out);
  if (paused.length > 0 && given.force !== true) throw refusal(paused);
  const { takeDown } = await import('../worker-process.ts');
  const [{ stateRoot }] = [places[0] ?? { stateRoot: stateRootOf(given) }];
  const workers: { environment: string; worker: unknown }[] = [];
  for (const { environment } of places) {
    workers.push({ environment, worker: fieldOf(await takeDown(stateRoot, { environment, server: false }), 'worker') });
  }
  const others = await livingElsewhere(stateRoot, places);
  const server = others.length > 0 ? 'left-running' : fieldOf(await takeDown(stateRoot, { server: true }), 'server');
  const { supervisedNote } = await import('../supervision.ts');
  out.lines([
    ...render({ workers, server, others, paused }),
    ...places.flatMap(({ environment }) => supervisedNote(environment) ?? []),
  ]);
  out.result({ workers, server, others, paused, exitCode: 0 });
  return 'ok';
}

function placesOf(given: DownOptions): readonly Place[] {
  if (given.all !== true) return [placeOf(given)];
  const stateRoot = stateRootOf(given);
  return environmentsIn(stateRoot).map((environment) => ({ environment, stateRoot }));
}

/** Environments with a rollback at work. Without a server nothing is at work that we could stop. */
async function runningIn(places: readonly Place[], given: DownOptions, out: Output): Promise<readonly string[]> {
  const { withSession } = await import('../session.ts');
  const found: string[] = [];
  for (const place of places) {
    try {
      const running = await withSession({ place, options: given, out }, ({ reader }) => reader.describe());
      if (running?.status.name === 'RUNNING') found.push(place.environment);
    } catch (error) {
      if (!(error instanceof ClientFailure) || error.kind !== 'no-server') throw error;
    }
  }
  return found;
}

async function livingElsewhere(stateRoot: string, places: readonly Place[]): Promise<readonly string[]> {
  const { isAlive, readWorkerFile } = await import('../process-files.ts');
  return environmentsIn(stateRoot)
    .filter((environment) => !places.some((place) => place.environment === environment))
    .filter((environment) => {
      const worker = readWorkerFile(stateRoot, environment);
      return worker !== undefined && isAlive(worker) !== false;
    });
}

function refusal(paused: readonly string[]): ClientFailure {
  return new ClientFailure('refused', `A rollback of ${paused.join(', ')} is at work; nothing was stopped.`, {
    next: ['rollback watch follows it.', '--force stops all the same: the rollback stands still until "rollback up".'],
    data: { running: paused },
  });
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

export function render(done: {
  readonly workers: readonly { readonly environment: string; readonly worker: unknown }[];
  readonly server: unknown;
  readonly others: readonly string[];
  readonly paused: readonly string[];
}): readonly string[] {
  const why = done.others.length === 0 ? '' : ` (workers of ${done.others.join(', ')} use it)`;
  return [
    ...done.workers.map(({ environment, worker }) => `Worker of ${environment}: ${String(worker)}`),
    `Server: ${String(done.server)}${why}`,
    ...done.paused.map((environment) => `The rollback of ${environment} stands still until "rollback up".`),
  ];
}
