import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileDurably, ensureDir, readIfThere } from './durable-file.ts';
import { errorCode } from './errors.ts';

export interface MachineIdentity {
  /** Stable over reboots; a digest, since machine-id(5) asks not to publish the id itself. */
  readonly machineId: string;
  /** Changes with every boot; `unknown` where the system does not tell. */
  readonly bootId: string;
  readonly source: 'machine-id' | 'state-root';
}

/**
 * Tells this machine from others, so that a worker of another host says `unknown` and not `already-done` (design §3).
 * Without /etc/machine-id (other systems, bare containers) an id is made once and kept in the state root.
 */
export function machineIdentity(stateRoot: string): MachineIdentity {
  const bootId = readTrimmed('/proc/sys/kernel/random/boot_id') ?? 'unknown';
  const own = readTrimmed('/etc/machine-id');
  if (own !== undefined && /^[0-9a-f]{32}$/.test(own)) {
    return { machineId: digest(own), bootId, source: 'machine-id' };
  }
  return { machineId: digest(keptId(stateRoot)), bootId, source: 'state-root' };
}

function keptId(stateRoot: string): string {
  const path = join(stateRoot, 'machine-id');
  ensureDir(stateRoot);
  // Two first callers at once: the file that got the name wins for both.
  if (readIfThere(path) === undefined) createFileDurably(path, `${randomUUID()}\n`);
  return readFileSync(path, 'utf8').trim();
}

function readTrimmed(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'EACCES') return undefined;
    throw error;
  }
}

function digest(id: string): string {
  return createHash('sha256').update(`durable-rollback\0${id}`).digest('hex').slice(0, 32);
}
