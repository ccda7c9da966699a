import type { Command } from 'commander';
import type { UpResult } from '../../contract/processes.ts';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import type { Style } from '../style.ts';
import { unsupervisedNote } from '../supervision.ts';

export const usage = `Starts the embedded Temporal server and the worker of an environment, or adopts the ones that live. Whatever was under
way goes on. With a configured server (TEMPORAL_ADDRESS, a profile) only the worker is started.

Both are daemons of their own: a closed terminal does not end them.`;

export function options(command: Command): void {
  placeOptions(command);
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<PlaceOptions>();
  const place = placeOf(given);
  const { configuredServer } = await import('../connect.ts');
  const { bringUp } = await import('../worker-process.ts');
  const outside = configuredServer(given);
  const result = await bringUp(
    place.stateRoot,
    place.environment,
    outside === undefined ? undefined : { address: outside.connection.address, namespace: outside.namespace },
  );
  out.lines(render(result, place.environment, out.style));
  out.result({ environment: place.environment, ...result, exitCode: 0 });
  return 'ok';
}

export function render({ server, worker }: UpResult, environment: string, style: Style): readonly string[] {
  const { info } = server;
  const note = info === null ? undefined : unsupervisedNote(environment);
  return [
    info === null
      ? `Server: ${worker.info.address}, namespace ${worker.info.namespace} (configured)`
      : `Server: ${info.address}, namespace ${info.namespace} (${server.action}, pid ${info.pid}, log ${info.log})`,
    `Worker of ${environment}: ${worker.action}, pid ${worker.info.pid}, log ${worker.info.log}`,
    ...(info?.ui ? [`Temporal UI: ${info.ui}`] : []),
    ...(note === undefined ? [] : [style.dim(note)]),
  ];
}
