import { hostname } from 'node:os';
import type { Person } from '../../contract/rollback.ts';
import type { Target } from '../../target/schema.ts';
import { writeFileDurably } from '../../vault/durable-file.ts';
import type { RollbackLayout } from '../../vault/layout.ts';
import { ensureDir } from '../../vault/layout.ts';
import type { LockHolder } from '../../vault/lock.ts';
import { findHolder, holderText, lockKey, realPathOr, takeLock } from '../../vault/lock.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Identity } from '../kernel/identity.ts';
import type { World } from '../kernel/world.ts';

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
    composeProject: asker.target.compose.project,
    repository: realPathOr(asker.target.repository.path),
  };
  const taken = takeLock(lockKeyOf(identity, asker.target), holder);
  if (taken.kind !== 'held') return taken.kind;
  throw held(taken);
}

/** @throws ActFailure `held-by-another`, without taking anything: for whoever looks for other reasons to refuse first */
export function refuseIfHeld(identity: Identity, target: Target, id: string): void {
  const found = findHolder(lockKeyOf(identity, target));
  if (found === undefined) return;
  const { environment, rollbackId } = found.holder;
  if (environment !== target.environment || rollbackId !== id) throw held(found);
}

function held({ holder, path }: { readonly holder: LockHolder; readonly path: string }): ActFailure {
  const message = `${holderText(holder)} Nothing was changed.`;
  return new ActFailure('held-by-another', message, { data: { holder, lock: path } });
}

/** The snapshot every later act reads (design §4.10); each act refuses one that it was not told of. */
export function keepTarget(files: RollbackLayout, target: Target, hash: string): void {
  ensureDir(files.dir);
  writeFileDurably(files.target, `${JSON.stringify({ hash, target })}\n`);
}
