import { setTimeout as wait } from 'node:timers/promises';
import { nameExists } from '../../vault/durable-file.ts';
import { errorCode } from '../../vault/errors.ts';
import { readJournal } from '../../vault/journal.ts';
import type { RollbackLayout } from '../../vault/layout.ts';
import { machineIdentity } from '../../vault/machine-identity.ts';
import { ActFailure } from './failures.ts';
import type { Room } from './room.ts';
import type { World } from './world.ts';

/** On which machine and engine a rollback acts; recorded when it begins, compared whenever it goes on. */
export interface Identity {
  readonly machineId: string;
  readonly daemonId: string;
  /** Where the engine keeps what it has: engines before 23 share one id per machine, whatever their store. */
  readonly engineRoot?: string;
  readonly endpoint: string;
}

/** Text of the journal's note that carries the identity. */
export const identityNote = 'identity';

/** An engine that does not say who it is within this time will not be acted on either. */
const engineTellsMs = 5_000;

export async function identityOf(world: World): Promise<Identity> {
  const { daemonId, rootDir } = await world.docker.info();
  const { machineId } = machineIdentity(world.stateRoot);
  return { machineId, daemonId, engineRoot: rootDir, endpoint: world.docker.endpoint };
}

/** The identity under which this rollback began, from its journal; undefined when it begins now. */
export function earlierIdentity(files: RollbackLayout): Identity | undefined {
  let records: ReturnType<typeof readJournal>['records'];
  try {
    ({ records } = readJournal(files.journal));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
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

/** @throws ActFailure `another-machine`: what was done there says nothing about here */
export function refuseOtherMachine(earlier: Identity, now: Identity): void {
  const differing = [
    ...(earlier.machineId === now.machineId ? [] : ['machine']),
    ...(isSameEngine(earlier, now) ? [] : ['Docker engine']),
  ];
  if (differing.length === 0) return;
  throw new ActFailure(
    'another-machine',
    `This rollback began on another ${differing.join(' and another ')} (${earlier.endpoint}; here: ${now.endpoint}); ` +
      'what was done there is unknown here. Nothing was changed. Run its worker there: rollback up.',
    { data: { earlier, now } },
  );
}

/** Known parts are compared; a journal of an earlier version has no root. */
function isSameEngine(a: Identity, b: Identity): boolean {
  if (a.daemonId !== b.daemonId) return false;
  return a.engineRoot === undefined || b.engineRoot === undefined || a.engineRoot === b.engineRoot;
}

/**
 * Asked before each act: containers that this engine has never had look like containers that were stopped long ago.
 * An engine that does not answer is no other engine: the act finds out by itself.
 * @throws ActFailure `another-machine`
 */
export async function requireSamePlace(world: World, files: RollbackLayout): Promise<void> {
  if (!nameExists(files.target) && !nameExists(files.journal)) {
    throw new ActFailure(
      'another-machine',
      `This host has nothing of ${files.rollbackId} (${files.dir}): it began elsewhere, and what was done there is ` +
        'unknown here. Nothing was changed. Run its worker there, with the same state folder: rollback up.',
      { data: { dir: files.dir } },
    );
  }
  const earlier = earlierIdentity(files);
  if (earlier === undefined) return;
  const { machineId } = machineIdentity(world.stateRoot);
  refuseOtherMachine(earlier, (await identityIfItTells(world)) ?? { ...earlier, machineId });
}

async function identityIfItTells(world: World): Promise<Identity | undefined> {
  const stop = new AbortController();
  const asked = identityOf(world);
  try {
    return await Promise.race([asked, wait(engineTellsMs, undefined, { signal: stop.signal })]);
  } catch (error) {
    if (error instanceof ActFailure && (error.kind === 'docker-unavailable' || error.kind === 'no-answer')) return;
    throw error;
  } finally {
    stop.abort();
    // Whichever comes second has nobody who waits for it.
    asked.catch(() => undefined);
  }
}
