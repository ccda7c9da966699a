import { hostname } from 'node:os';
import type { Person } from '../../contract/rollback.ts';
import type { Target } from '../../target/schema.ts';
import { writeFileDurably } from '../../vault/durable-file.ts';
import { readJournal } from '../../vault/journal.ts';
import type { RollbackLayout } from '../../vault/layout.ts';
import { ensureDir } from '../../vault/layout.ts';
import type { LockHolder } from '../../vault/lock.ts';
import { lockKey, takeLock } from '../../vault/lock.ts';
import { machineIdentity } from '../../vault/machine-identity.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import type { World } from '../kernel/world.ts';

/** On which machine and engine a rollback acts; recorded when it begins, compared whenever it goes on. */
export interface Identity {
  readonly machineId: string;
  readonly daemonId: string;
  readonly endpoint: string;
}

export async function identityOf(world: World): Promise<Identity> {
  const { daemonId } = await world.docker.info();
  return { machineId: machineIdentity(world.stateRoot).machineId, daemonId, endpoint: world.docker.endpoint };
}

/** Key of the host-wide lock of this target's system. */
export function lockKeyOf(identity: Identity, target: Target): string {
  return lockKey({
    daemonId: identity.daemonId,
    composeProject: target.compose.project,
    repository: target.repository.path,
  });
}

/**
 * Takes the host-wide lock for a rollback or checkpoint.
 * @returns `already-mine` when an earlier attempt has taken it
 * @throws ActFailure `held-by-another` with who, since when and why
 */
export function takeHostLock(
  world: World,
  identity: Identity,
  asker: {
    readonly target: Target;
    readonly id: string;
    readonly by: Person;
    readonly why: string;
    readonly server: string;
  },
): 'taken' | 'already-mine' {
  const holder: LockHolder = {
    environment: asker.target.environment,
    rollbackId: asker.id,
    who: `${asker.by.account}@${asker.by.host}`,
    host: hostname(),
    since: new Date(world.now()).toISOString(),
    why: asker.why,
    server: asker.server,
    stateDir: world.stateRoot,
  };
  const taken = takeLock(lockKeyOf(identity, asker.target), holder);
  if (taken.kind !== 'held') return taken.kind;
  const { who, since, why, environment, rollbackId } = taken.holder;
  throw new ActFailure(
    'held-by-another',
    `This system is held by ${rollbackId} of environment ${environment}, started by ${who} at ${since} (${why}). Nothing was changed.`,
    { data: { holder: taken.holder, lock: taken.path } },
  );
}

/** The snapshot every later act reads (design §4.10); each act refuses one that it was not told of. */
export function keepTarget(files: RollbackLayout, target: Target, hash: string): void {
  ensureDir(files.dir);
  writeFileDurably(files.target, `${JSON.stringify({ hash, target })}\n`);
}

/**
 * The identity under which this rollback began, from its journal; undefined when it begins now.
 */
export function earlierIdentity(files: RollbackLayout): Identity | undefined {
  let records: ReturnType<typeof readJournal>['records'];
  try {
    ({ records } = readJournal(files.journal));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  for (const record of records) {
    if (record.kind === 'note' && record.text === identityNote) return record.detail as unknown as Identity;
  }
  return undefined;
}

/** The identity under which the lock was taken: known from the journal also when Docker does not answer any more. */
export async function identityAtStart(room: Pick<Room, 'rollback' | 'world'>): Promise<Identity> {
  return earlierIdentity(room.rollback) ?? (await identityOf(room.world));
}

export const identityNote = 'identity';

/** @throws ActFailure `another-machine`: what was done there says nothing about here */
export function refuseOtherMachine(earlier: Identity, now: Identity): void {
  const differing = [
    ...(earlier.machineId === now.machineId ? [] : ['machine']),
    ...(earlier.daemonId === now.daemonId ? [] : ['Docker engine']),
  ];
  if (differing.length === 0) return;
  throw new ActFailure(
    'another-machine',
    `This rollback began on another ${differing.join(' and another ')}; what was done there is unknown here. Nothing was changed.`,
    { data: { earlier, now } },
  );
}
