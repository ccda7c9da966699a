import { join } from 'node:path';
import { undoneBy } from '../../contract/ids.ts';
import type { StepInput } from '../../contract/step.ts';
import type { Target } from '../../target/schema.ts';
import type { Fence } from '../../vault/epoch.ts';
import { assertFence, claimFence, fenceHere } from '../../vault/epoch.ts';
import type { JournalEntry } from '../../vault/journal.ts';
import { openJournal } from '../../vault/journal.ts';
import { openLateJournal, writeLateEntries } from '../../vault/late-journal.ts';
import type { EnvironmentLayout, RollbackLayout } from '../../vault/layout.ts';
import { environmentLayout, rollbackFiles } from '../../vault/layout.ts';
import { endChildrenMarked, endOlderProcess } from '../../vault/processes.ts';
import { ActFailure } from './failures.ts';
import { requireSamePlace } from './identity.ts';
import type { Keeping } from './on-full-disk.ts';
import type { Intent, Room } from './room.ts';
import { targetOfRollback } from './target-of-rollback.ts';
import type { World } from './world.ts';

/** One attempt of one act, as the worker or a test starts it. */
export interface Attempt {
  readonly input: StepInput;
  /** Number of the attempt within its schedule, from 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  progress(text: string): void;
}

/** Whose files a room has: each has its journal, plan and target in a folder of the same form. */
export type RoomPlace = 'rollback' | 'checkpoint' | 'undo' | 'upkeep';

export interface OpenRoom extends Room {
  /** Journals how the attempt ended. */
  ended(result: string, reason: string): void;
  close(): void;
}

/**
 * Makes the room of one attempt: claims the step's fence, ends what an older attempt still runs, opens the journal.
 * @param keeping `in-memory` on a full disk: the fence is only looked at, and the journal written when there is space
 * @throws ActFailure `another-machine` on another machine or engine than the one it began on
 * @throws StaleAttempt (vault) when a newer epoch or attempt has begun
 */
export async function openRoom(
  world: World,
  attempt: Attempt,
  place: RoomPlace = 'rollback',
  keeping: Keeping = 'on-disk',
): Promise<OpenRoom> {
  const { input } = attempt;
  const layout = environmentLayout(world.stateRoot, input.environment);
  const files = filesOf(layout, place, input.rollbackId);
  await requireSamePlace(world, files);
  const fence = fenceHere({ epoch: input.epoch, step: input.key, schedule: input.schedule, attempt: attempt.attempt });
  if (keeping === 'in-memory') assertFence(layout, fence);
  else await takeFence(layout, input, fence);
  if (keeping === 'on-disk') writeLateEntries(files.journal);
  const journal = keeping === 'on-disk' ? openJournal(files.journal) : openLateJournal(files.journal);
  const who = { epoch: input.epoch, step: input.key, schedule: input.schedule, attempt: attempt.attempt };
  const append = (entry: Omit<JournalEntry, 'at' | keyof typeof who>): number =>
    journal.append({ at: new Date(world.now()).toISOString(), ...who, ...entry } as JournalEntry);
  const beforeEffect = (): void => {
    attempt.signal.throwIfAborted();
    assertFence(layout, fence);
  };
  append({ kind: 'open' } as JournalEntry);
  return {
    input,
    target: targetOf(files, input.targetHash),
    world,
    layout,
    rollback: files,
    journal,
    marker: markerOf(input, fence),
    signal: attempt.signal,
    beforeEffect,
    async effect<T extends 'done' | 'already' | undefined>(intent: Intent, run: () => Promise<T>): Promise<T> {
      const { kind, target, recovery, detail } = intent;
      beforeEffect();
      const seq = append({
        kind: 'intent',
        effect: { kind, target, ...(detail ? { detail } : {}) },
        recovery,
      } as JournalEntry);
      beforeEffect();
      const result = await run();
      append({ kind: 'confirm', intent: seq, result: result ?? 'done', reason: '' } as JournalEntry);
      return result;
    },
    obligation(id, what, detail) {
      append({ kind: 'obligation', id, what, ...(detail ? { detail } : {}) } as JournalEntry);
    },
    discharge(id, how) {
      append({ kind: 'discharge', id, how } as JournalEntry);
    },
    progress: (text) => attempt.progress(text),
    ended(result, reason) {
      append({ kind: 'close', result, reason } as JournalEntry);
    },
    close: () => journal.close(),
  };
}

/** Value of ROLLBACK_FENCE: ordered from the general to the particular, so that a prefix names all of a step or rollback. */
export function markerOf(input: StepInput, fence: Pick<Fence, 'epoch' | 'schedule' | 'attempt'>): string {
  return `${markerOfStep(input, fence.epoch)}${fence.schedule}/${fence.attempt}/`;
}

function markerOfStep(input: StepInput, epoch: number): string {
  return `${input.environment}/${input.rollbackId}/${epoch}/${input.key}/`;
}

async function takeFence(layout: EnvironmentLayout, input: StepInput, fence: Fence): Promise<void> {
  const claim = claimFence(layout, fence);
  if (claim.kind === 'stale') {
    throw new ActFailure('stale-attempt', 'A newer attempt or rollback acts on this environment; nothing was done.', {
      data: { newer: claim.newer },
    });
  }
  if (!claim.previous) return;
  const ended = await endOlderProcess(claim.previous);
  const children = await endChildrenMarked(markerOf(input, claim.previous));
  if (ended === 'still-there' || ended === 'not-permitted' || children.kind === 'still-there') {
    throw new ActFailure('io-error', 'An older attempt of this step cannot be ended; nothing was done.', {
      data: { pid: claim.previous.pid, ended, children: children.left },
    });
  }
}

const targets = new Map<string, Target>();

/** The effective target as it was when the rollback began (design §4.10). */
function targetOf(files: RollbackLayout, hash: string): Target {
  const known = targets.get(hash);
  if (known) return known;
  const target = targetOfRollback(files, hash);
  targets.set(hash, target);
  return target;
}

function filesOf(layout: EnvironmentLayout, place: RoomPlace, id: string): RollbackLayout {
  switch (place) {
    case 'rollback':
      return layout.rollback(id);
    case 'checkpoint':
      return checkpointFiles(layout, id);
    case 'undo':
      return undoFiles(layout, id);
    case 'upkeep':
      return upkeepFiles(layout, id);
  }
}

/** An undo lies inside the rollback that it takes back: both are freed together. */
export function undoFiles(layout: EnvironmentLayout, undoId: string): RollbackLayout {
  return rollbackFiles(join(layout.rollback(undoneBy(undoId)).dir, 'undo'), undoId);
}

export function upkeepFiles(layout: EnvironmentLayout, upkeepId: string): RollbackLayout {
  return rollbackFiles(join(layout.root, 'upkeep', upkeepId), upkeepId);
}

/** A checkpoint has a journal and a target of its own, in its own folder. */
export function checkpointFiles(layout: EnvironmentLayout, checkpointId: string): RollbackLayout {
  return rollbackFiles(layout.checkpoint(checkpointId).dir, checkpointId);
}
