import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PruneRequest, PruneResult } from '../../contract/checkpoint.ts';
import type { StepInput } from '../../contract/step.ts';
import { decidePrune, type PruneFate, pruneWish } from '../../runbook/decide-prune.ts';
import { snapshotOf } from '../../target/snapshot.ts';
import { openRollbacks, readShelf, type ShelvedRecord, shelvedFacts } from '../../vault/checkpoint-shelf.ts';
import { diskUse } from '../../vault/disk-use.ts';
import { ensureDir, nameExists, readIfThere, syncDir, writeFileDurably } from '../../vault/durable-file.ts';
import { assertFence, claimFence, fenceHere, raiseEpoch, readEpoch } from '../../vault/epoch.ts';
import { type EnvironmentLayout, environmentLayout } from '../../vault/layout.ts';
import { releaseLock } from '../../vault/lock.ts';
import { attemptOf } from '../kernel/act.ts';
import { ActFailure } from '../kernel/failures.ts';
import { identityOf } from '../kernel/identity.ts';
import type { World } from '../kernel/world.ts';
import { lockKeyOf, takeHostLock } from '../preparation/take-environment.ts';

/** One pruning at work: under the host's lock, fenced against its own twins. */
interface Pruning {
  readonly world: World;
  readonly request: PruneRequest;
  readonly layout: EnvironmentLayout;
  beforeEffect(): void;
}

/**
 * Frees checkpoints that the operator agreed to and that nothing needs at this moment. Each leaves a note of what it
 * was; it loses its seal first, so that a reader never takes a half-removed one for a checkpoint. A repeated attempt
 * goes on where the last one was.
 * @throws ActFailure `held-by-another` while a rollback or checkpoint is under way; nothing was freed then
 */
export function pruneCheckpoints(world: World, request: PruneRequest): Promise<PruneResult> {
  return attemptOf(world.stateRoot, inputOf(request), async (attempt, signal, progress) => {
    if (snapshotOf(request.target).hash !== request.targetHash) {
      throw new ActFailure(
        'target-differs',
        'The target that arrived is not the one that was hashed; nothing was done.',
      );
    }
    const { target, pruneId: id, by, why } = request;
    takeHostLock(world, await identityOf(world), { target, id, by, why, server: world.server });
    const layout = environmentLayout(world.stateRoot, request.environment);
    const fence = fenceHere({ epoch: epochOf(world, layout, request), step: key, schedule: 1, attempt });
    if (claimFence(layout, fence).kind === 'stale') {
      throw new ActFailure('stale-attempt', 'A newer attempt frees checkpoints; nothing was done.');
    }
    const beforeEffect = (): void => {
      signal.throwIfAborted();
      assertFence(layout, fence);
    };
    return pruneAll({ world, request, layout, beforeEffect }, progress);
  });
}

/** Gives the environment back. What another has taken meanwhile is not touched. */
export async function releasePrune(world: World, { target, pruneId }: PruneRequest): Promise<void> {
  releaseLock(lockKeyOf(await identityOf(world), target), pruneId);
}

const key = 'prune.pruneCheckpoints';

function inputOf({ environment, pruneId, targetHash }: PruneRequest): StepInput {
  const common = { epoch: 0, key, schedule: 1, plans: {}, mode: 'full', options: {} } as const;
  return { environment, rollbackId: pruneId, targetHash, ...common };
}

/** One epoch for all attempts of this pruning. */
function epochOf(world: World, layout: EnvironmentLayout, { pruneId, why }: PruneRequest): number {
  const { epoch, rollbackId } = readEpoch(layout);
  if (rollbackId === pruneId) return epoch;
  return raiseEpoch(layout, { rollbackId: pruneId, why, at: new Date(world.now()).toISOString() });
}

async function pruneAll(pruning: Pruning, progress: (text: string) => void): Promise<PruneResult> {
  const { request } = pruning;
  const fates = fatesNow(pruning);
  const pruned: PruneResult['pruned'][number][] = [];
  const kept: PruneResult['kept'][number][] = [];
  for (const id of request.ids) {
    const fate = fates.find((one) => one.id === id);
    if (fate?.fate === 'keep') {
      kept.push({ id, reasons: fate.reasons });
      continue;
    }
    progress(`frees ${id}`);
    pruned.push(await pruneOne(pruning, id));
  }
  return { pruned, kept };
}

/** Decided anew, under the lock: a rollback may have begun since the operator was asked. */
function fatesNow({ layout, request }: Pruning): readonly PruneFate[] {
  const wish = pruneWish(request.keep, request.target.repository.checkpoint, openRollbacks(layout));
  return decidePrune(readShelf(layout).map(shelvedFacts), wish);
}

/** `pruned/<id>.json`: what a checkpoint was that is gone, or that an attempt has begun to free. */
interface Tombstone {
  readonly id: string;
  readonly at: string;
  readonly by: string;
  readonly why: string;
  readonly bytes: number;
  readonly record: ShelvedRecord | null;
}

async function pruneOne(pruning: Pruning, id: string): Promise<PruneResult['pruned'][number]> {
  const { world, layout } = pruning;
  const { dir, record } = layout.checkpoint(id);
  const stone = await tombstoneOf(pruning, id);
  pruning.beforeEffect();
  rmSync(record, { force: true });
  if (nameExists(dir)) syncDir(dir);
  const images: string[] = [];
  const imagesInUse: string[] = [];
  for (const { heldBy, image } of stone.record?.images ?? []) {
    // A name that somebody has given to another image meanwhile is theirs.
    if ((await world.docker.imageId(heldBy)) !== image) continue;
    pruning.beforeEffect();
    const ended = await world.docker.untag(heldBy);
    if (ended === 'in-use') imagesInUse.push(heldBy);
    else images.push(heldBy);
  }
  pruning.beforeEffect();
  rmSync(dir, { recursive: true, force: true });
  syncDir(layout.checkpointsDir);
  return { id, bytes: stone.bytes, images, imagesInUse };
}

async function tombstoneOf({ world, request, layout, beforeEffect }: Pruning, id: string): Promise<Tombstone> {
  const path = join(prunedDir(layout), `${id}.json`);
  const known = readIfThere(path);
  if (known !== undefined) return JSON.parse(known) as Tombstone;
  const { dir } = layout.checkpoint(id);
  const shelved = readShelf(layout).find((one) => one.id === id);
  if (shelved === undefined) throw new ActFailure('refused', `There is no checkpoint ${id}; it was not freed.`);
  const stone: Tombstone = {
    id,
    at: new Date(world.now()).toISOString(),
    by: `${request.by.account}@${request.by.host}`,
    why: request.why,
    bytes: (await diskUse([dir])).own,
    record: shelved.record,
  };
  beforeEffect();
  ensureDir(prunedDir(layout));
  writeFileDurably(path, `${JSON.stringify(stone, null, 2)}\n`);
  return stone;
}

function prunedDir({ root }: EnvironmentLayout): string {
  return join(root, 'pruned');
}
