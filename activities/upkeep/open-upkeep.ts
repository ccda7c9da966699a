import type { StepInput } from '../../contract/step.ts';
import type { UpkeepOpened, UpkeepRequest } from '../../contract/upkeep.ts';
import { snapshotOf } from '../../target/snapshot.ts';
import { raiseEpoch } from '../../vault/epoch.ts';
import { openJournal } from '../../vault/journal.ts';
import { environmentLayout } from '../../vault/layout.ts';
import { releaseLock } from '../../vault/lock.ts';
import { ActFailure } from '../kernel/failures.ts';
import { identityNote, identityOf } from '../kernel/identity.ts';
import { upkeepFiles } from '../kernel/open-room.ts';
import type { World } from '../kernel/world.ts';
import { keepTarget, lockKeyOf, takeHostLock } from '../preparation/take-environment.ts';

/**
 * Takes the environment for an upkeep: the same lock and epoch as a rollback, so that the two never overlap.
 * @throws ActFailure `held-by-another`; nothing was changed
 */
export async function openUpkeep(world: World, input: StepInput, request: UpkeepRequest): Promise<UpkeepOpened> {
  const { target, targetHash, upkeepId: id, by, why } = request;
  if (snapshotOf(target).hash !== targetHash) {
    throw new ActFailure('target-differs', 'The target that arrived is not the one that was hashed; nothing was done.');
  }
  const identity = await identityOf(world);
  takeHostLock(world, identity, { target, id, by, why, server: world.server });
  try {
    const layout = environmentLayout(world.stateRoot, input.environment);
    const files = upkeepFiles(layout, id);
    keepTarget(files, target, targetHash);
    const at = new Date(world.now()).toISOString();
    const epoch = raiseEpoch(layout, { rollbackId: id, why, at });
    const journal = openJournal(files.journal);
    try {
      const who = { at, epoch, step: input.key, schedule: input.schedule, attempt: 1 };
      journal.append({ ...who, kind: 'note', text: identityNote, detail: { ...identity } });
      journal.append({ ...who, kind: 'note', text: 'upkeep', detail: { by, why, task: request.task } });
    } finally {
      journal.close();
    }
    return { outcome: 'done', reason: `epoch ${epoch}`, epoch, dir: files.dir };
  } catch (error) {
    // One that never began must not keep a rollback out.
    releaseLock(lockKeyOf(identity, target), id);
    throw error;
  }
}
