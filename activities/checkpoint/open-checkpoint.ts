import type { CheckpointRequest } from '../../contract/checkpoint.ts';
import type { Opened } from '../../contract/rollback.ts';
import type { StepInput } from '../../contract/step.ts';
import { snapshotOf } from '../../target/snapshot.ts';
import { createFileDurably } from '../../vault/durable-file.ts';
import { raiseEpoch } from '../../vault/epoch.ts';
import { openJournal } from '../../vault/journal.ts';
import { environmentLayout } from '../../vault/layout.ts';
import { releaseLock } from '../../vault/lock.ts';
import { ActFailure } from '../kernel/failures.ts';
import { earlierIdentity, type Identity, identityNote, identityOf, refuseOtherMachine } from '../kernel/identity.ts';
import { checkpointFiles } from '../kernel/open-room.ts';
import type { World } from '../kernel/world.ts';
import { keepTarget, lockKeyOf, takeHostLock } from '../preparation/take-environment.ts';
import { type CheckpointOrder, orderPath } from './parts.ts';

/** Takes the environment for a checkpoint: the same lock and epoch as a rollback, so that the two never overlap. */
export async function openCheckpoint(world: World, input: StepInput, request: CheckpointRequest): Promise<Opened> {
  const { target, targetHash } = request;
  if (snapshotOf(target).hash !== targetHash) {
    throw new ActFailure(
      'target-differs',
      'The target that arrived is not the one that was hashed; nothing was changed.',
    );
  }
  const identity = await identityOf(world);
  const earlier = earlierIdentity(
    checkpointFiles(environmentLayout(world.stateRoot, input.environment), input.rollbackId),
  );
  if (earlier) refuseOtherMachine(earlier, identity);
  takeHostLock(world, identity, {
    target,
    id: input.rollbackId,
    by: request.by,
    why: request.why,
    server: world.server,
  });
  try {
    return begin(world, { input, request, identity });
  } catch (error) {
    // One that never began must not keep a rollback out.
    releaseLock(lockKeyOf(identity, target), input.rollbackId);
    throw error;
  }
}

function begin(
  world: World,
  asked: { readonly input: StepInput; readonly request: CheckpointRequest; readonly identity: Identity },
): Opened {
  const { input, request, identity } = asked;
  const { target, targetHash } = request;
  const layout = environmentLayout(world.stateRoot, input.environment);
  const files = checkpointFiles(layout, input.rollbackId);
  keepTarget(files, target, targetHash);
  const at = new Date(world.now()).toISOString();
  const order: CheckpointOrder = { by: `${request.by.account}@${request.by.host}`, why: request.why, at };
  // Never replaced: a later attempt must not make the checkpoint younger than the first look at its data.
  createFileDurably(orderPath(files.dir), `${JSON.stringify(order)}\n`);
  const epoch = raiseEpoch(layout, { rollbackId: input.rollbackId, why: request.why, at });
  const journal = openJournal(files.journal);
  try {
    const who = { at, epoch, step: input.key, schedule: input.schedule, attempt: 1 };
    journal.append({ ...who, kind: 'note', text: identityNote, detail: { ...identity } });
  } finally {
    journal.close();
  }
  return { outcome: 'done', reason: `epoch ${epoch}`, epoch, resumed: false, rollbackDir: files.dir };
}
