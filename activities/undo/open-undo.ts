import { readdirSync } from 'node:fs';
import { undoIdOf } from '../../contract/ids.ts';
import type { StepInput } from '../../contract/step.ts';
import type { UndoOpened, UndoRequest } from '../../contract/undo.ts';
import { snapshotOf } from '../../target/snapshot.ts';
import { raiseEpoch } from '../../vault/epoch.ts';
import { type JournalRecord, openJournal, readJournal } from '../../vault/journal.ts';
import { type EnvironmentLayout, environmentLayout } from '../../vault/layout.ts';
import { readLock, releaseLock } from '../../vault/lock.ts';
import { endChildrenMarked } from '../../vault/processes.ts';
import { ActFailure } from '../kernel/failures.ts';
import { earlierIdentity, type Identity, identityNote, identityOf, refuseOtherMachine } from '../kernel/identity.ts';
import { undoFiles } from '../kernel/open-room.ts';
import type { World } from '../kernel/world.ts';
import { standingOf } from '../preparation/standing.ts';
import { keepTarget, lockKeyOf, takeHostLock } from '../preparation/take-environment.ts';

/**
 * Takes the environment for an undo: the lock of the system, also from the interrupted rollback itself, and a raised
 * epoch, so that no act of that rollback changes anything any more. Begun again it goes on in the same folder.
 * @throws ActFailure `refused`, `another-machine`, `held-by-another`; nothing was changed
 */
export async function openUndo(world: World, input: StepInput, request: UndoRequest): Promise<UndoOpened> {
  const { target, targetHash, rollbackId } = request;
  const layout = environmentLayout(world.stateRoot, input.environment);
  const undoId = undoIdOf(rollbackId);
  const files = undoFiles(layout, undoId);
  if (snapshotOf(target).hash !== targetHash) {
    throw new ActFailure(
      'target-differs',
      'The target that arrived is not the one that was hashed; nothing was changed.',
    );
  }
  const earlier = earlierIdentity(layout.rollback(rollbackId));
  if (earlier === undefined) {
    throw new ActFailure('refused', `There is no journal of ${rollbackId} on this host; nothing was changed.`);
  }
  const identity = await identityOf(world);
  refuseOtherMachine(earlier, identity);
  const standing = standingOf(readJournal(layout.rollback(rollbackId).journal).records);
  const opened = { epoch: input.epoch, dir: files.dir };
  if (standing === 'undone') {
    return { outcome: 'already-done', reason: `${rollbackId} is undone already.`, ...opened, alreadyUndone: true };
  }
  if (standing === 'committed') {
    throw new ActFailure('refused', `${rollbackId} is committed and cannot be undone any more; nothing was changed.`);
  }
  refuseAfterAnother(layout, rollbackId);
  const key = lockKeyOf(identity, target);
  // An interrupted rollback has kept the lock; its epoch ends below.
  if (readLock(key)?.rollbackId === rollbackId) releaseLock(key, rollbackId);
  takeHostLock(world, identity, { target, id: undoId, by: request.by, why: request.why, server: world.server });
  try {
    return await begin(world, { input, request, identity });
  } catch (error) {
    // One that never began must not keep anybody out, least of all an emergency.
    if (standing !== 'undo begun') releaseLock(key, undoId);
    throw error;
  }
}

async function begin(
  world: World,
  asked: { readonly input: StepInput; readonly request: UndoRequest; readonly identity: Identity },
): Promise<UndoOpened> {
  const { input, request, identity } = asked;
  const layout = environmentLayout(world.stateRoot, input.environment);
  const undoId = undoIdOf(request.rollbackId);
  const files = undoFiles(layout, undoId);
  keepTarget(files, request.target, request.targetHash);
  const at = new Date(world.now()).toISOString();
  const epoch = raiseEpoch(layout, { rollbackId: undoId, why: request.why, at });
  await endChildrenMarked(`${input.environment}/${request.rollbackId}/`);
  await endChildrenMarked(`${input.environment}/${undoId}/`);
  const journal = openJournal(files.journal);
  try {
    const who = { at, epoch, step: input.key, schedule: input.schedule, attempt: 1 };
    journal.append({ ...who, kind: 'note', text: identityNote, detail: { ...identity } });
    journal.append({ ...who, kind: 'note', text: 'undo asked for', detail: { by: request.by, why: request.why } });
  } finally {
    journal.close();
  }
  return { outcome: 'done', reason: `epoch ${epoch}`, epoch, dir: files.dir, alreadyUndone: false };
}

/** The state before a rollback was left behind by a later one: that one is undone first, or not at all. */
function refuseAfterAnother(layout: EnvironmentLayout, rollbackId: string): void {
  const own = beganAt(readJournal(layout.rollback(rollbackId).journal).records);
  for (const id of readdirSync(layout.rollbacksDir)) {
    if (id === rollbackId) continue;
    const records = recordsOf(layout, id);
    const changed = records.some(({ kind }) => kind === 'intent');
    if (!changed || beganAt(records) <= own || standingOf(records) === 'undone') continue;
    throw new ActFailure(
      'refused',
      `${id} came after ${rollbackId} and has changed the same system; undo ${id} first. Nothing was changed.`,
      {
        data: { later: id },
      },
    );
  }
}

function recordsOf(layout: EnvironmentLayout, id: string): readonly JournalRecord[] {
  return earlierIdentity(layout.rollback(id)) === undefined ? [] : readJournal(layout.rollback(id).journal).records;
}

function beganAt(records: readonly JournalRecord[]): string {
  return records[0]?.at ?? '';
}
