import { defaultNamespace } from '../contract/ids.ts';
import type { ServerInfo } from '../contract/processes.ts';
import { findTemporalCli } from '../setup/find-temporal.mjs';
import { nameExists, readIfThere, writeFileDurably } from '../vault/durable-file.ts';
import { ensureDir } from '../vault/layout.ts';
import { alone, livenessOf, startDaemon, stopDaemon, until } from './daemon.ts';
import { freePort } from './free-port.ts';
import { serverPlaces } from './places.ts';
import { ownsPort } from './port-owner.ts';

/** Preferred ports, apart from those of a developer's own Temporal (7233, 8233). */
const preferredPort = 7433;
const preferredUiPort = 8433;
const anyPort = 0;
/** Generous: a machine that an experiment eats lets nothing start quickly. */
const startDeadlineMs = 60_000;
/** A server that does not answer this long although its process runs is taken as hung. */
const answerDeadlineMs = 10_000;
/** Loaded while the server starts: it takes longer to load than the server to be spawned. */
const temporalClient = () => import('@temporalio/client');
/** Closed rollbacks stay visible this long. */
const retentionSeconds = 90 * 24 * 3600;

export interface ServerUp {
  readonly info: ServerInfo;
  readonly action: 'adopted' | 'started';
}

export function readServerInfo(stateRoot: string): ServerInfo | undefined {
  const text = readIfThere(serverPlaces(stateRoot).info);
  return text === undefined ? undefined : (JSON.parse(text) as ServerInfo);
}

/**
 * Adopts the living server of this state root or starts one; never a second on the same database (facts: two on one
 * file are not refused and fight).
 * @param spawned told as soon as a new server's address is known, before it answers
 */
export async function ensureServer(
  stateRoot: string,
  spawned: (info: ServerInfo) => void = () => undefined,
): Promise<ServerUp> {
  const places = serverPlaces(stateRoot);
  return alone(places.startLock, startDeadlineMs * 2, async () => {
    const known = readServerInfo(stateRoot);
    if (known && livenessOf(known) === 'running' && (await answers(known.address, answerDeadlineMs))) {
      return { info: known, action: 'adopted' };
    }
    if (known) await stopDaemon(known, 2_000);
    return { info: await startServer(stateRoot, known, spawned), action: 'started' };
  });
}

/** Stops the server of this state root; its database stays. */
export async function stopServer(stateRoot: string): Promise<'stopped' | 'not-running'> {
  const places = serverPlaces(stateRoot);
  return alone(places.startLock, startDeadlineMs * 2, async () => {
    const known = readServerInfo(stateRoot);
    if (!known || livenessOf(known) === 'gone') return 'not-running';
    await stopDaemon(known, 10_000);
    return 'stopped';
  });
}

async function startServer(
  stateRoot: string,
  earlier: ServerInfo | undefined,
  spawned: (info: ServerInfo) => void,
): Promise<ServerInfo> {
  refuseOtherDatabase(stateRoot, earlier);
  const wanted = {
    port: earlier ? portOf(earlier.address) : preferredPort,
    ui: earlier?.ui ? portOf(earlier.ui) : preferredUiPort,
  };
  const info =
    (await tryServer(stateRoot, wanted, spawned)) ??
    (await tryServer(stateRoot, { port: anyPort, ui: anyPort }, spawned));
  if (info === undefined) {
    throw new Error(`The embedded Temporal server ended at its start, twice; its log: ${serverPlaces(stateRoot).log}`);
  }
  writeFileDurably(serverPlaces(stateRoot).databaseVersion, `${info.cliVersion}\n`);
  if (!earlier) await keepHistories(info);
  return info;
}

/**
 * A database is bound to the CLI that made it: the server migrates nothing (facts).
 * @throws Error that names both versions and what to use
 */
function refuseOtherDatabase(stateRoot: string, earlier: ServerInfo | undefined): void {
  const { database, databaseVersion, dir } = serverPlaces(stateRoot);
  if (!nameExists(database)) return;
  // Without the note, the last server knows what it ran on.
  const made = readIfThere(databaseVersion)?.trim() ?? earlier?.cliVersion;
  const { version } = findTemporalCli();
  if (made === undefined || made === version) return;
  throw new Error(
    `${database} was made by the Temporal CLI ${made}, and this installation has ${version}: a database is bound to its ` +
      `version. Nothing was started. While a rollback is under way, use the other one: TEMPORAL_CLI_PATH=<temporal ` +
      `${made}> rollback up. Else move ${dir} away; rollback up makes a new database.`,
  );
}

/** @returns undefined when it ended before it listened: another may have taken its port in the same moment */
async function tryServer(
  stateRoot: string,
  wanted: { readonly port: number; readonly ui: number },
  spawned: (info: ServerInfo) => void,
): Promise<ServerInfo | undefined> {
  const cli = findTemporalCli();
  const places = serverPlaces(stateRoot);
  ensureDir(places.dir);
  // Workers and clients that outlived the server come back to the address they know.
  const port = await freePort(wanted.port);
  const uiPort = await freePort(wanted.ui);
  const argv = [
    'server',
    'start-dev',
    ...['--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
    ...['--db-filename', places.database, '--namespace', defaultNamespace, '--log-level', 'warn'],
    // The database outlives a power cut (facts: the default pragmas are none).
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=FULL'],
  ];
  // Its greeting goes to standard output, and where the disk is full it ends with it; its log goes to standard error.
  const daemon = startDaemon(cli.path, argv, { log: places.log, logged: 'errors', env: process.env });
  const info: ServerInfo = {
    format: 1,
    ...daemon,
    address: `127.0.0.1:${port}`,
    ui: `http://127.0.0.1:${uiPort}`,
    namespace: defaultNamespace,
    cliVersion: cli.version,
    startedAt: new Date().toISOString(),
    log: places.log,
  };
  writeFileDurably(places.info, `${JSON.stringify(info, null, 2)}\n`);
  spawned(info);
  // A client that finds nobody listening waits a second before its next try: an emergency has no such second.
  await until(() => livenessOf(info) === 'gone' || ownsPort(info.pid, port), startDeadlineMs);
  if (livenessOf(info) === 'gone') return;
  if (!(await answers(info.address, startDeadlineMs))) {
    await stopDaemon(info, 1_000);
    throw new Error(
      `The embedded Temporal server did not answer within ${startDeadlineMs / 1000} s; its log: ${places.log}`,
    );
  }
  return info;
}

/** Asks the namespace itself: the server answers some calls before its namespace is there. */
async function answers(address: string, deadlineMs: number): Promise<boolean> {
  const { Connection } = await temporalClient();
  return until(async () => {
    try {
      const connection = await Connection.connect({ address, connectTimeout: '1s' });
      try {
        await connection.withDeadline(Date.now() + 2_000, () =>
          connection.workflowService.describeNamespace({ namespace: defaultNamespace }),
        );
        return true;
      } finally {
        await connection.close();
      }
    } catch {
      // Not yet, or no more: the deadline decides, and the caller tells where the log lies.
      return false;
    }
  }, deadlineMs);
}

async function keepHistories(info: ServerInfo): Promise<void> {
  const { Connection } = await temporalClient();
  const connection = await Connection.connect({ address: info.address });
  try {
    await connection.workflowService.updateNamespace({
      namespace: info.namespace,
      config: { workflowExecutionRetentionTtl: { seconds: retentionSeconds as never } },
    });
  } finally {
    await connection.close();
  }
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
