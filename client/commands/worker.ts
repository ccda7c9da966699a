import type { Command } from 'commander';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import type { Place } from '../environment.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import type { OutsideServer } from '../worker-process.ts';

export const usage = `Runs the worker of an environment in the foreground until Ctrl-C, on the host of its containers and data.

For service managers and for a look at what it does; "rollback up" runs it as a daemon.`;

export function options(command: Command): void {
  placeOptions(command);
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<PlaceOptions>();
  const place = placeOf(given);
  const server = await serverOf(place, given);
  const { isAlive, readWorkerFile } = await import('../process-files.ts');
  const living = readWorkerFile(place.stateRoot, place.environment);
  if (living !== undefined && isAlive(living) === true) {
    throw new ClientFailure(
      'running',
      `A worker of ${place.environment} runs already (pid ${living.pid}); none was started.`,
      {
        next: [`rollback down --environment ${place.environment} ends it. Its log: ${living.log}`],
      },
    );
  }
  out.aside(render(place, server));
  const { runWorkerHere } = await import('../worker-process.ts');
  const code = await runWorkerHere(place.stateRoot, place.environment, server);
  out.result({ environment: place.environment, ended: code, exitCode: code === 0 ? 0 : 1 });
  return code === 0 ? 'ok' : 'failed';
}

async function serverOf(place: Place, given: PlaceOptions): Promise<OutsideServer> {
  const { configuredServer } = await import('../connect.ts');
  const configured = configuredServer(given);
  if (configured !== undefined) return { address: configured.connection.address, namespace: configured.namespace };
  const { readServerFile } = await import('../process-files.ts');
  const embedded = readServerFile(place.stateRoot);
  if (embedded !== undefined) return { address: embedded.address, namespace: embedded.namespace };
  throw new ClientFailure(
    'no-server',
    'There is no server to work for: none is configured, and the embedded one was never started.',
    {
      next: ['Set TEMPORAL_ADDRESS, or start the embedded server with: rollback up'],
    },
  );
}

function render({ environment }: Place, { address, namespace }: OutsideServer): string {
  return `Worker of ${environment} for ${address} (${namespace}); Ctrl-C ends it after the steps at work.`;
}
