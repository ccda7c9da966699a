import type { StableContainer } from '../checks/find-stable.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import { awaitState } from './change-container.ts';
import { doForEach } from './do-for-each.ts';

export type Woken = 'untouched' | 'started' | 'unpaused';

/**
 * Has containers of the stable system run, by id and without a change to them: unpaused where paused, started where
 * stopped, left alone where they run. One in a crash loop is left to its loop: what is wrong with it the health check says.
 * @throws ActFailure naming those that do not run, after all others were started
 */
export function wakeStable(room: Room, containers: readonly StableContainer[]): Promise<readonly Woken[]> {
  return doForEach(
    'started',
    containers.map(({ facts }) => facts),
    (facts) => wake(room, facts),
  );
}

async function wake(room: Room, facts: StableContainer['facts']): Promise<Woken> {
  const { id, name } = facts;
  const { docker } = room.world;
  switch (facts.state) {
    case 'running':
    case 'restarting':
      return 'untouched';
    case 'paused':
      await room.effect({ kind: 'unpause', target: id, recovery: 'do-again', detail: { name } }, () =>
        docker.unpause(id),
      );
      break;
    case 'created':
    case 'exited':
      await room.effect({ kind: 'start', target: id, recovery: 'do-again', detail: { name } }, () => docker.start(id));
      break;
    case 'dead':
    case 'removing':
      throw new ActFailure('docker-refused', `${name} is ${facts.state} and cannot be started; it was left as it is.`);
  }
  await awaitState(room, facts, 'does not run after its start', (now) => now?.state === 'running');
  return facts.state === 'paused' ? 'unpaused' : 'started';
}
