import { serverUnit, systemdPlaces, wantedOomScore, workerUnit } from '../contract/processes.ts';

/** A file for systemd. */
export interface Unit {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

export interface ServiceOf {
  readonly environment: string;
  readonly stateRoot: string;
  /** Absolute path of node. */
  readonly node: string;
  /** Absolute path of the built entry point of the processes. */
  readonly workersMain: string;
  /** Variables the processes need to find Docker, compose and the Temporal CLI. No secrets: units are read by all. */
  readonly variables: Readonly<Record<string, string>>;
  /** A team's server: then there is a worker only. */
  readonly outside: { readonly address: string; readonly namespace: string } | null;
}

/** Units of an environment (design §6): the embedded server of the host, which all environments share, and its worker. */
export function unitsOf(service: ServiceOf): readonly Unit[] {
  return [...(service.outside === null ? [serverOf(service)] : []), workerOf(service)];
}

function serverOf(service: ServiceOf): Unit {
  const after = ['network.target', 'local-fs.target'];
  const text = unitText(service, {
    description: 'Embedded Temporal server of durable rollback',
    wants: [],
    after,
    command: ['keep-server'],
  });
  return unit(serverUnit, text);
}

/** Docker may come later than we do, or go and come back: the worker waits for it and never ends with it. */
function workerOf(service: ServiceOf): Unit {
  const { environment, outside } = service;
  const address = outside === null ? [] : ['--address', outside.address, '--namespace', outside.namespace];
  const needs = ['docker.service', ...(outside === null ? [serverUnit] : ['network-online.target'])];
  const text = unitText(service, {
    description: `Worker of durable rollback for ${environment}`,
    wants: needs,
    after: ['local-fs.target', ...needs],
    command: ['keep-worker', '--environment', environment, ...address],
  });
  return unit(workerUnit(environment), text);
}

function unit(name: string, text: string): Unit {
  return { name, path: `${systemdPlaces.units}/${name}`, text };
}

interface Part {
  readonly description: string;
  readonly wants: readonly string[];
  readonly after: readonly string[];
  readonly command: readonly string[];
}

function unitText({ environment, stateRoot, node, workersMain, variables }: ServiceOf, part: Part): string {
  const settings = { ...variables, ROLLBACK_STATE_DIR: stateRoot };
  return `${[
    '# Written by "rollback service"; written anew when it is run again, removed by "rollback service --remove".',
    '[Unit]',
    `Description=${part.description.replaceAll('%', '%%')}`,
    ...(part.wants.length === 0 ? [] : [`Wants=${part.wants.join(' ')}`]),
    `After=${part.after.join(' ')}`,
    // A state folder that is not mounted yet must not be taken for an empty one.
    `RequiresMountsFor=${quoted(stateRoot)}`,
    // A rollback is at stake: systemd never gives up trying.
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${[node, workersMain, ...part.command].map(argument).join(' ')}`,
    ...Object.entries(settings).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`),
    // Secrets that a target refers to: root's file, which nobody else reads.
    `EnvironmentFile=-/etc/durable-rollback/${environment}.env`,
    'Restart=on-failure',
    'RestartSec=2',
    // Ours is told to stop and ends its child in order; what is left after that is killed.
    'KillMode=mixed',
    'TimeoutStopSec=45',
    // An experiment that eats the memory must not take with it what stops it.
    `OOMScoreAdjust=${wantedOomScore}`,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ].join('\n')}\n`;
}

/** Of a command line: systemd also replaces `$` there. */
function argument(text: string): string {
  return quoted(text.replaceAll('$', '$$$$'));
}

function quoted(text: string): string {
  const plain = text.replaceAll('%', '%%');
  return /^[\w@:,./=+%$-]+$/.test(plain) ? plain : `"${plain.replace(/["\\]/g, '\\$&')}"`;
}
