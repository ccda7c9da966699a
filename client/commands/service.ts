import type { Command } from 'commander';
import { serverUnit } from '../../contract/processes.ts';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import type { Place } from '../environment.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import type { Unit } from '../service-units.ts';

export const usage = `Has systemd start the embedded server and the worker of an environment: now, at every boot, and again when one dies. A
rebooted host then goes on with its rollback by itself. With a configured server (TEMPORAL_ADDRESS, a profile) there is
a unit for the worker only.

Where systemd is not process 1 nothing is changed. What runs already is adopted, not restarted. Secrets that the target
refers to are read from /etc/durable-rollback/<environment>.env.`;

export function options(command: Command): void {
  command
    .option('--print', 'only print the units; changes nothing')
    .option('--remove', 'end and remove the units of this environment; the server stays while others need it');
  placeOptions(command);
}

interface ServiceOptions extends PlaceOptions {
  readonly print?: boolean;
  readonly remove?: boolean;
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<ServiceOptions>();
  const place = placeOf(given);
  const units = await unitsFor(place, given);
  if (given.print === true) {
    out.lines(render(units));
    out.result({ environment: place.environment, units, changed: [], exitCode: 0 });
    return 'ok';
  }
  const { installUnits, removeUnits, systemdRuns } = await import('../systemd.ts');
  if (!systemdRuns()) throw notHere();
  const { otherWorkersOf, refuseOtherState } = await import('../installed-units.ts');
  if (given.remove === true) {
    const others = otherWorkersOf(place.environment);
    const removed = await removeUnits(units.filter(({ name }) => name !== serverUnit || others.length === 0));
    out.lines([removed.length === 0 ? 'No such unit was there.' : `Removed: ${removed.join(', ')}`]);
    out.result({ environment: place.environment, removed, exitCode: 0 });
    return 'ok';
  }
  refuseOtherState(units, place.stateRoot);
  const changed = await installUnits(units);
  out.lines(told(units, changed));
  out.result({ environment: place.environment, units, changed, exitCode: 0 });
  return 'ok';
}

async function unitsFor(place: Place, given: PlaceOptions): Promise<readonly Unit[]> {
  const { configuredServer } = await import('../connect.ts');
  const { workersMain } = await import('../worker-process.ts');
  const { unitsOf } = await import('../service-units.ts');
  const outside = configuredServer(given);
  return unitsOf({
    ...place,
    node: process.execPath,
    workersMain,
    variables: variablesOf(process.env),
    outside: outside === undefined ? null : { address: outside.connection.address, namespace: outside.namespace },
  });
}

/** What finds Docker, compose and the Temporal CLI here finds them for the units as well. */
const passedOn = [
  'PATH',
  'HOME',
  'XDG_CACHE_HOME',
  'DOCKER_HOST',
  'DOCKER_CONFIG',
  'DOCKER_CONTEXT',
  'ROLLBACK_COMPOSE',
  'TEMPORAL_CLI_PATH',
];

function variablesOf(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

function notHere(): ClientFailure {
  return new ClientFailure('missing', 'systemd is not process 1 here; nothing was changed.', {
    next: [
      'rollback service --print shows the units, for another service manager to imitate.',
      'rollback up starts server and worker until the next reboot.',
    ],
  });
}

function render(units: readonly Unit[]): readonly string[] {
  return units.flatMap(({ path, text }, index) => [...(index === 0 ? [] : ['']), `# ${path}`, text.trimEnd()]);
}

function told(units: readonly Unit[], changed: readonly string[]): readonly string[] {
  return units.map(({ name }) => `${name}: ${changed.includes(name) ? 'written' : 'was there'}, enabled and started`);
}
