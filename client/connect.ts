import { hostname } from 'node:os';
import type { Client, Connection, ConnectionOptions } from '@temporalio/client';
import { loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import { defaultNamespace, taskQueueOf } from '../contract/ids.ts';
import type { PlaceOptions } from './command.ts';
import type { Place } from './environment.ts';
import { ClientFailure } from './failures.ts';
import { isAlive, readServerFile, readWorkerFile } from './process-files.ts';
import { bringUp } from './worker-process.ts';

/** A server to talk to, and what is known of it. */
export interface Connected {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
  /** Base address of Temporal's UI; null where nobody told us. */
  readonly ui: string | null;
  /** Server and worker are ours, on this machine. */
  readonly embedded: boolean;
  /** Queue of the worker that does this environment's work. */
  readonly taskQueue: string;
  close(): Promise<void>;
}

interface Server {
  readonly connection: ConnectionOptions & { readonly address: string };
  readonly namespace: string;
  readonly ui: string | null;
  readonly embedded: boolean;
}

const connectTimeout = '5s';

/** Loaded when it is needed: a third of a second in which a cold emergency has its processes started already. */
const temporalClient = () => import('@temporalio/client');

/**
 * Connects to the configured server, else to the embedded one if it lives.
 * @throws ClientFailure `no-server`
 */
export async function connect(place: Place, options: PlaceOptions): Promise<Connected> {
  const server = configuredServer(options) ?? embeddedServer(place.stateRoot);
  if (server === undefined) throw notUp(place.stateRoot);
  return open(server, place, options);
}

/**
 * As {@link connect}, but brings the embedded server and worker up first. Where both live already it does not wait for
 * that: the connection is there at once, and `settled` tells later whether the worker is in order.
 */
export async function connectUp(
  place: Place,
  options: PlaceOptions,
): Promise<Connected & { readonly settled: Promise<void> }> {
  const configured = configuredServer(options);
  if (configured !== undefined) return { ...(await open(configured, place, options)), settled: Promise.resolve() };

  const up = bringUp(place.stateRoot, place.environment).then(() => undefined);
  // Whoever awaits `settled` hears of it; until then it must not count as unhandled.
  up.catch(() => undefined);
  await temporalClient();
  const living = embeddedServer(place.stateRoot);
  const worker = readWorkerFile(place.stateRoot, place.environment);
  if (living !== undefined && worker !== undefined && isAlive(worker)) {
    const early = await open(living, place, options).catch(() => undefined);
    if (early !== undefined) return { ...early, settled: up };
  }
  await up;
  const server = embeddedServer(place.stateRoot);
  if (server === undefined) throw notUp(place.stateRoot);
  return { ...(await open(server, place, options)), settled: up };
}

/** The server that TEMPORAL_* variables or the configuration file name, unless the embedded one is asked for. */
export function configuredServer(options: PlaceOptions): Server | undefined {
  if (options.embedded === true) return undefined;
  const profile = loadClientConfigProfile(options.profile === undefined ? {} : { profile: options.profile });
  if (profile.address === undefined) {
    if (options.profile === undefined) return undefined;
    throw new ClientFailure('usage', `The Temporal profile ${options.profile} names no address.`);
  }
  const { connectionOptions } = toClientOptions(profile);
  const { apiKey, metadata, tls } = connectionOptions;
  return {
    connection: {
      address: profile.address,
      ...(tls === undefined ? {} : { tls: tls === true ? true : tls === false || tls === null ? null : tls }),
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(metadata === undefined ? {} : { metadata }),
    },
    namespace: profile.namespace ?? defaultNamespace,
    ui: process.env['TEMPORAL_UI_ADDRESS'] ?? null,
    embedded: false,
  };
}

function embeddedServer(stateRoot: string): Server | undefined {
  const info = readServerFile(stateRoot);
  if (info === undefined || isAlive(info) === false) return undefined;
  return { connection: { address: info.address }, namespace: info.namespace, ui: info.ui, embedded: true };
}

async function open(server: Server, place: Place, options: PlaceOptions): Promise<Connected> {
  const { Client, Connection } = await temporalClient();
  const { address } = server.connection;
  let connection: Connection;
  try {
    connection = await Connection.connect({ ...server.connection, connectTimeout });
  } catch (error) {
    throw new ClientFailure('no-server', `The Temporal server at ${address} does not answer.`, {
      next: [
        server.embedded
          ? 'rollback up adopts or restarts the embedded server.'
          : 'Check TEMPORAL_ADDRESS and the profile, or use --embedded.',
      ],
      cause: error,
    });
  }
  return {
    client: new Client({ connection, namespace: server.namespace }),
    address,
    namespace: server.namespace,
    ui: server.ui,
    embedded: server.embedded,
    taskQueue: taskQueueOf(place.environment, options.workerHost ?? process.env['ROLLBACK_WORKER_HOST'] ?? hostname()),
    close: () => connection.close(),
  };
}

function notUp(stateRoot: string): ClientFailure {
  return new ClientFailure('no-server', `The embedded Temporal server does not run (state folder ${stateRoot}).`, {
    next: ['rollback up starts it; a rollback that was under way goes on by itself then.'],
  });
}

/** Link to a workflow in Temporal's UI, or undefined where no UI is known. */
export function uiLink(connected: Pick<Connected, 'ui' | 'namespace'>, workflowId: string): string | undefined {
  if (connected.ui === null) return undefined;
  return `${connected.ui}/namespaces/${encodeURIComponent(connected.namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
