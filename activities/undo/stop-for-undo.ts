import { findStable } from '../checks/find-stable.ts';
import { endContainer, forbidRestart, lives } from '../containers/change-container.ts';
import { doForEach } from '../containers/do-for-each.ts';
import { owePolicy, oweStable } from '../containers/stable-obligations.ts';
import { ActFailure } from '../kernel/failures.ts';
import { readUndoPlan } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { noteIn } from './note-in.ts';
import { undoneRollback } from './undone-rollback.ts';

/**
 * Stops what may write to the data that go back, by the ids of the plan; none restarts meanwhile, and what is owed to
 * the stable system is entered before. From here on the rollback counts as being undone: it cannot be resumed.
 * @throws ActFailure naming what could not be stopped, after all others were
 */
export const stopForUndo: ActBody = async (room) => {
  const plan = readUndoPlan(room);
  noteIn(room, undoneRollback(room).files, 'undo begun', { plan: room.input.plans.undo });
  const found = await Promise.all(plan.stop.map(({ id }) => room.world.docker.inspect(id)));
  const users = found.filter((facts) => facts !== undefined);
  const { containers } = await findStable(room);
  const stable = containers.filter(({ facts }) => plan.stop.some(({ id }) => id === facts.id) && lives(facts));
  if (stable.length > 0) oweStable(room, stable);
  const stopped = await doForEach('stopped', users, async (facts) => {
    if (facts.restartPolicy.name !== 'no') owePolicy(room, facts);
    const policy = await forbidRestart(room, facts);
    if (!lives(facts)) return policy;
    await endContainer(room, facts, facts.state === 'restarting' ? 'kill' : 'stop');
    return true;
  });
  const count = stopped.filter((one) => one).length;
  return {
    outcome: count === 0 ? 'already-done' : 'done',
    reason:
      count === 0
        ? 'Nothing that uses the data runs.'
        : `Stopped meanwhile: ${users.map(({ name }) => name).join(', ')}.`,
    figures: { stopped: count },
  };
};

/** @throws ActFailure `refused` while something can still write to what goes back */
export async function refuseWhileAlive(room: Room): Promise<void> {
  const plan = readUndoPlan(room);
  for (const { id, name } of plan.stop) {
    if (!lives(await room.world.docker.inspect(id))) continue;
    throw new ActFailure('refused', `${name} runs and can write to data that go back; they were not touched.`);
  }
}
