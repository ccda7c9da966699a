import { join } from 'node:path';
import type { Opened, RollbackRequest } from '../../contract/rollback.ts';
import type { StepInput } from '../../contract/step.ts';
import { whyNotPossible } from '../../runbook/decide-partial.ts';
import { snapshotOf } from '../../target/snapshot.ts';
import { writeFileDurably } from '../../vault/durable-file.ts';
import { livingFences, raiseEpoch } from '../../vault/epoch.ts';
import { openJournal, readJournal } from '../../vault/journal.ts';
import { environmentLayout, type RollbackLayout } from '../../vault/layout.ts';
import { releaseLock } from '../../vault/lock.ts';
import { endChildrenMarked, endOlderProcess } from '../../vault/processes.ts';
import { versionsName, writeVersions } from '../../vault/versions-file.ts';
import { ActFailure } from '../kernel/failures.ts';
import { earlierIdentity, type Identity, identityNote, identityOf, refuseOtherMachine } from '../kernel/identity.ts';
import type { World } from '../kernel/world.ts';
import { refuseUnready } from './refuse-unready.ts';
import { type Standing, standingOf } from './standing.ts';
import { keepTarget, lockKeyOf, refuseIfHeld, takeHostLock } from './take-environment.ts';

/**
 * Takes the environment for this rollback: host-wide lock, identity of machine and engine, snapshot of the target, a
 * higher epoch, journal. Done again it finds its own lock and raises the epoch once more, which only fences out itself.
 */
export async function openRollback(world: World, input: StepInput, request: RollbackRequest): Promise<Opened> {
  const { target, targetHash } = request;
  if (snapshotOf(target).hash !== targetHash) {
    throw new ActFailure(
      'target-differs',
      'The target that arrived is not the one that was hashed; nothing was changed.',
    );
  }
  const why = whyNotPossible(request.scenario, target.partial);
  if (why !== null) throw new ActFailure('refused', `${why}. Nothing was changed.`);
  const identity = await identityOf(world);
  const earlier = earlierIdentity(layoutOf(world, input));
  if (earlier) refuseOtherMachine(earlier, identity);
  if (request.resume && !earlier) {
    throw new ActFailure(
      'refused',
      `There is no journal of ${input.rollbackId} on this host to resume from. Nothing was changed.`,
    );
  }
  if (earlier) refuseUndone(layoutOf(world, input));
  // Who has the system is told before what is missing here: a stranger may lack everything.
  refuseIfHeld(identity, target, input.rollbackId);
  // A rollback that goes on has changed the repository itself; its plan has resolved the ref long ago.
  if (!earlier) await refuseUnready(world, input, target);
  const lock = takeHostLock(world, identity, {
    target,
    id: input.rollbackId,
    by: request.by,
    why: request.reason,
    server: world.server,
  });
  try {
    return await begin(world, { input, request, identity, earlier });
  } catch (error) {
    // A rollback that never began must not keep anybody out, least of all an emergency.
    if (earlier === undefined || lock === 'taken') releaseLock(lockKeyOf(identity, target), input.rollbackId);
    throw error;
  }
}

function layoutOf(world: World, input: StepInput): RollbackLayout {
  return environmentLayout(world.stateRoot, input.environment).rollback(input.rollbackId);
}

/** @throws ActFailure `refused`: what was taken back is not gone on with */
function refuseUndone({ journal, rollbackId }: RollbackLayout): void {
  const standing = standingOf(readJournal(journal).records);
  if (standing === undefined || !ended.includes(standing)) return;
  throw new ActFailure(
    'refused',
    `${rollbackId} cannot go on: ${standing === 'undo begun' ? 'its undo has begun' : `it is ${standing}`}. Nothing was changed.`,
  );
}

const ended: readonly Standing[] = ['undo begun', 'undone', 'committed'];

async function begin(
  world: World,
  asked: {
    readonly input: StepInput;
    readonly request: RollbackRequest;
    readonly identity: Identity;
    readonly earlier: Identity | undefined;
  },
): Promise<Opened> {
  const { input, request, identity, earlier } = asked;
  const { target, targetHash } = request;
  const layout = environmentLayout(world.stateRoot, input.environment);
  const files = layout.rollback(input.rollbackId);
  keepTarget(files, target, targetHash);
  writeFileDurably(join(files.dir, 'request.json'), `${JSON.stringify({ ...request, target: undefined })}\n`);
  // A resumed one is a new workflow, on the code of whoever begins it.
  if (world.versions) writeVersions(join(files.dir, versionsName), world.versions);
  const at = new Date(world.now()).toISOString();
  const epoch = raiseEpoch(layout, { rollbackId: input.rollbackId, why: request.reason, at });
  // A worker that outlived its server would go on with what it has in its hands.
  if (earlier) for (const fence of livingFences(layout)) await endOlderProcess(fence);
  const ended = await endChildrenMarked(`${input.environment}/${input.rollbackId}/`);
  const journal = openJournal(files.journal);
  try {
    const who = { at, epoch, step: input.key, schedule: input.schedule, attempt: 1 };
    if (!earlier) journal.append({ ...who, kind: 'note', text: identityNote, detail: { ...identity } });
    journal.append({
      ...who,
      kind: 'note',
      text: earlier ? 'resumed' : 'started',
      detail: {
        scenario: request.scenario,
        reason: request.reason,
        by: request.by,
        clockFrom: request.clockFrom,
        targetHash,
        server: world.server,
      },
    });
  } finally {
    journal.close();
  }
  return {
    outcome: 'done',
    reason: `epoch ${epoch}, journal ${earlier ? 'continued' : 'begun'}`,
    epoch,
    resumed: earlier !== undefined && request.resume,
    rollbackDir: files.dir,
    figures: { epoch, endedChildren: ended.pids.length },
  };
}
