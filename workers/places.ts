import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the embedded processes keep their files in the state root; read by the client too, through contract/processes.ts. */

export interface ServerPlaces {
  readonly dir: string;
  readonly info: string;
  readonly database: string;
  /** With which CLI the database was made: it is bound to it. */
  readonly databaseVersion: string;
  readonly log: string;
  /** Held while somebody starts or stops the server, so that two never open one database. */
  readonly startLock: string;
}

export function serverPlaces(stateRoot: string): ServerPlaces {
  const dir = join(stateRoot, 'server');
  return {
    dir,
    info: join(dir, 'server.json'),
    database: join(dir, 'temporal.db'),
    databaseVersion: join(dir, 'temporal.db.version'),
    log: join(dir, 'server.log'),
    startLock: join(dir, 'starting'),
  };
}

export interface WorkerPlaces {
  readonly dir: string;
  readonly info: string;
  readonly log: string;
  readonly startLock: string;
}

export function workerPlaces(stateRoot: string, environment: string): WorkerPlaces {
  const dir = join(stateRoot, environment);
  return { dir, info: join(dir, 'worker.json'), log: join(dir, 'worker.log'), startLock: join(dir, 'worker-starting') };
}

/** The built entry point of this folder: what daemons are started from. */
export const mainFile = fileURLToPath(new URL('./main.js', import.meta.url));

/** Workflow code, bundled ahead by set-up, so that a worker is up in a fraction of a second. */
export const bundleFile = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
