import { openRoom } from '../../../activities/kernel/open-room.ts';
import type { Room } from '../../../activities/kernel/room.ts';
import { closeUpkeep } from '../../../activities/upkeep/close-upkeep.ts';
import { openUpkeep } from '../../../activities/upkeep/open-upkeep.ts';
import type { StepInput } from '../../../contract/step.ts';
import type { UpkeepTask } from '../../../contract/upkeep.ts';
import { snapshotOf } from '../../../target/snapshot.ts';
import type { TestRoom } from './room.ts';

let count = 0;

/** Runs one upkeep act as its workflow does: takes the environment, acts, releases it. */
export async function inUpkeep<T>(
  { room, world, target, abort }: TestRoom,
  task: UpkeepTask,
  act: (room: Room, again: (input: Partial<StepInput>) => Promise<Room>) => Promise<T>,
): Promise<T> {
  count += 1;
  const { environment } = room.input;
  const { hash: targetHash } = snapshotOf(target);
  const upkeepId = `${task.kind}-${count}`;
  const by = { account: 'test', uid: 0, host: 'here' };
  const agreed = { yes: true, agreedPlan: null, why: 'test', timeScale: 1 };
  const base: StepInput = { ...room.input, rollbackId: upkeepId, key: 'upkeep.open', epoch: 0, plans: {}, options: {} };
  const request = { environment, upkeepId, task, by, target, targetHash, ...agreed };
  const { epoch } = await openUpkeep(world, base, request);
  const rooms: { close(): void }[] = [];
  const open = async (input: Partial<StepInput>) => {
    const attempt = { attempt: rooms.length + 1, signal: abort.signal, progress: () => undefined };
    const opened = await openRoom(
      world,
      { ...attempt, input: { ...base, epoch, key: 'upkeep.act', ...input } },
      'upkeep',
    );
    rooms.push(opened);
    return opened;
  };
  try {
    return await act(await open({}), open);
  } finally {
    await closeUpkeep(await open({ key: 'upkeep.closeUpkeep' }));
    for (const each of rooms) each.close();
  }
}
