import { findStable } from '../checks/find-stable.ts';
import type { Room } from '../kernel/room.ts';
import { awaitState } from './change-container.ts';
import { stableServes } from './stable-obligations.ts';

/**
 * Starts what we stopped of the stable system and nobody started again. Only stable containers get their policy back
 * (design §4.2); the experiment's stay `no` until undo, release or prune.
 */
export async function startOwed(room: Room): Promise<void> {
  if (!room.journal.openObligations().some(({ id }) => id === stableServes)) return;
  const { docker } = room.world;
  for (const { facts } of (await findStable(room)).containers) {
    const { id, name, state } = facts;
    const how = state === 'paused' ? 'unpause' : state === 'exited' || state === 'created' ? 'start' : undefined;
    if (how === undefined) continue;
    await room.effect({ kind: how, target: id, recovery: 'do-again', detail: { name } }, () => docker[how](id));
    await awaitState(room, { id, name }, 'does not run after it was started', (now) => now?.state === 'running');
  }
}
