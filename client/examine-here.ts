import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { request } from 'node:http';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { DoctorFinding } from '../contract/observe.ts';
import { findTemporalCli } from '../setup/find-temporal.mjs';
import { freeBytes } from '../vault/ballast.ts';
import { nameExists } from '../vault/durable-file.ts';
import { errorCode } from '../vault/errors.ts';
import { lookAtOomScores } from './look-at-oom-scores.ts';
import { formatBytes } from './text.ts';

/** What can be looked at from where the command runs, with no server and no worker. */
export interface Look {
  readonly id: string;
  readonly title: string;
  look(): Promise<Seen> | Seen;
}

export type Seen = Pick<DoctorFinding, 'status' | 'detail' | 'remedy'>;

export const ok = (detail: string): Seen => ({ status: 'ok', detail, remedy: null });

/** Looked at here in any case: they concern the command and the embedded processes. */
export function looksHere(stateRoot: string, environment: string | undefined): readonly Look[] {
  return [
    { id: 'temporal-cli', title: 'Temporal server can be started', look: temporalCli },
    { id: 'state-folder', title: 'State folder can be written', look: () => stateFolder(stateRoot) },
    {
      id: 'oom-score',
      title: 'Server and worker outlive a lack of memory',
      look: () => lookAtOomScores(stateRoot, environment),
    },
  ];
}

/** Looked at here only where no worker can: the worker sees them as the acts will. */
export const looksInsteadOfWorker: readonly Look[] = [
  { id: 'docker', title: 'Docker Engine answers', look: docker },
  { id: 'compose', title: 'Compose is there', look: compose },
];

/** What only the worker's own acts can tell; without one it stays open and is named. */
export const onlyTheWorkerSees = [
  ['stable-containers', 'Stable services have containers'],
  ['checkpoint', 'A checkpoint is recorded'],
  ['ballast', 'Space is kept in reserve'],
  ['machine', 'This machine can be told from others'],
] as const;

/** Each looks for itself: one that cannot be looked at does not hide the rest. */
export async function lookAll(looks: readonly Look[]): Promise<readonly DoctorFinding[]> {
  return Promise.all(
    looks.map(async ({ id, title, look }) => {
      try {
        return { id, title, ...(await look()) };
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        return { id, title, status: 'bad' as const, detail, remedy: 'npm run setup finds or makes what is missing' };
      }
    }),
  );
}

function temporalCli(): Seen {
  const { path, version } = findTemporalCli();
  return ok(`${version} at ${path}`);
}

function stateFolder(stateRoot: string): Seen {
  const there = nearestThere(stateRoot);
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch (error) {
    return {
      status: 'bad',
      detail: `${there}: ${errorCode(error) ?? String(error)}`,
      remedy: 'run it as the account that owns the state folder, or set ROLLBACK_STATE_DIR',
    };
  }
  return ok(`${stateRoot}, ${formatBytes(freeBytes(there))} free`);
}

/** The folder itself, or the nearest above it that exists. */
export function nearestThere(path: string): string {
  return nameExists(path) || dirname(path) === path ? path : nearestThere(dirname(path));
}

async function docker(): Promise<Seen> {
  const host = process.env['DOCKER_HOST'] || 'unix:///var/run/docker.sock';
  if (process.env['DOCKER_CONTEXT'] || !host.startsWith('unix://')) {
    const remedy = 'rollback up on the Docker host, then rollback doctor';
    return { status: 'unknown', detail: 'a context or another host is configured: the worker looks', remedy };
  }
  const version = await ping(host.slice('unix://'.length));
  return ok(`API ${version} at ${host}, seen from here`);
}

/** The engine's own ping; no client library for one line. */
function ping(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`Docker does not answer at ${socketPath}: ${why}`));
    const asked = request({ socketPath, path: '/_ping', timeout: 5_000 }, (answer) => {
      answer.resume();
      if (answer.statusCode === 200) resolve(String(answer.headers['api-version'] ?? 'unknown'));
      else fail(`status ${answer.statusCode}`);
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer within 5 s')));
    asked.on('error', (error) => fail(error.message));
    asked.end();
  });
}

async function compose(): Promise<Seen> {
  const wanted = process.env['ROLLBACK_COMPOSE'] ?? '';
  const plugin = ['docker', 'compose'];
  const all =
    wanted === 'v1'
      ? [['docker-compose']]
      : wanted === '' || wanted === 'v2'
        ? [plugin, ['docker-compose']]
        : [[wanted]];
  const tried: string[] = [];
  for (const [file = '', ...args] of all) {
    try {
      const { stdout } = await promisify(execFile)(file, [...args, 'version', '--short'], { timeout: 20_000 });
      return ok(`${[file, ...args].join(' ')} ${stdout.trim()}, seen from here`);
    } catch (error) {
      tried.push(`${[file, ...args].join(' ')}: ${errorCode(error) ?? 'it failed'}`);
    }
  }
  throw new Error(`No Docker Compose answers (${tried.join('; ')})`);
}
