import type { ContainerAct } from '../../runbook/decide-undo.ts';
import { awaitState, graceOf, setPolicy } from '../containers/change-container.ts';
import { throwFailures } from '../containers/do-for-each.ts';
import { givePoliciesBack, stableServes } from '../containers/stable-obligations.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { type ContainerChange, planContainers } from './plan-containers.ts';
import { recreateContainer } from './recreate-container.ts';
import { cutFrom, type UndoneRollback, undoneRollback, wholeOf } from './undone-rollback.ts';

/**
 * Every container in the state it was in before the rollback, stable system first: networks, restart policy, running,
 * paused or down; one that is gone is made again. Looks anew and does only what is missing.
 * @throws ActFailure naming those that could not be brought back, after all others were
 */
export const undoContainers: ActBody = async (room) => {
  const undone = undoneRollback(room);
  await givePoliciesBack(room);
  const { changes } = await planContainers(room, undone);
  const failed: { name: string; error: unknown }[] = [];
  for (const change of changes) {
    try {
      room.progress(`${change.name}: ${change.acts.join(', ')}`);
      await carryOut(room, undone, change);
    } catch (error) {
      room.signal.throwIfAborted();
      failed.push({ name: change.name, error });
    }
  }
  throwFailures('brought back', failed, changes.length);
  if (room.journal.openObligations().some(({ id }) => id === stableServes)) {
    room.discharge(stableServes, 'Every container is in the state it was in before the rollback.');
  }
  const said = changes.map(({ name, acts }) => `${name} (${acts.join(', ')})`).join('; ');
  return {
    outcome: changes.length === 0 ? 'already-done' : 'done',
    reason: changes.length === 0 ? 'Every container is as before.' : `Brought back: ${said}.`,
    figures: { containers: changes.length },
  };
};

async function carryOut(room: Room, undone: UndoneRollback, change: ContainerChange): Promise<void> {
  let facts = change.now;
  for (const act of change.acts) {
    if (act === 'recreate') facts = await recreated(room, undone, change);
    else if (facts === undefined) throw new ActFailure('docker-refused', `${change.name} is not there any more.`);
    else await actOn(room, { undone, change, facts }, act);
  }
}

async function recreated(room: Room, undone: UndoneRollback, { id, name }: ContainerChange): Promise<ContainerFacts> {
  const whole = wholeOf(undone, id);
  if (whole === undefined) throw new ActFailure('refused', `Nothing was captured of ${name}; it cannot be made again.`);
  const facts = await room.world.docker.inspect(await recreateContainer(room, whole));
  if (facts === undefined) throw new ActFailure('docker-refused', `${name} is not there after it was made again.`);
  return facts;
}

interface One {
  readonly undone: UndoneRollback;
  readonly change: ContainerChange;
  readonly facts: ContainerFacts;
}

async function actOn(
  room: Room,
  { undone, change, facts }: One,
  act: Exclude<ContainerAct, 'recreate'>,
): Promise<void> {
  const { docker } = room.world;
  const { id, name } = facts;
  const wanted = { start: 'running', unpause: 'running', pause: 'paused' } as const;
  switch (act) {
    case 'connect':
      await connect(room, undone, change);
      return;
    case 'set-policy':
      await setPolicy(room, { id, name }, facts.restartPolicy, change.before.restartPolicy);
      return;
    case 'stop':
      await room.effect({ kind: act, target: id, recovery: 'do-again', detail: { name } }, () =>
        docker.stop(id, graceOf(room, facts)),
      );
      return;
    default:
      await room.effect({ kind: act, target: id, recovery: 'do-again', detail: { name } }, () => docker[act](id));
      // One that was in a crash loop, or ends at once, shows in the comparison and not here.
      if (change.was !== 'restarting') {
        await awaitState(room, { id, name }, `is not ${wanted[act]}`, (now) => now?.state === wanted[act]);
      }
  }
}

async function connect(room: Room, undone: UndoneRollback, { before, now }: ContainerChange): Promise<void> {
  for (const { network, networkId, aliases, addresses } of cutFrom(undone, before.id)) {
    if (now?.networkIds.includes(networkId) === true) continue;
    // The engine gives the short id as a name by itself; its own network takes no names at all.
    const names = network === 'bridge' ? [] : aliases.filter((alias) => !before.id.startsWith(alias));
    await room.effect({ kind: 'connect', target: before.id, recovery: 'do-again', detail: { network } }, () =>
      room.world.docker.connect(networkId, before.id, names, addresses),
    );
  }
}
