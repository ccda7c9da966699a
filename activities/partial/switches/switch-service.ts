import { awaitState, endContainer, forbidRestart, lives, setPolicy } from '../../containers/change-container.ts';
import { findSystems } from '../../containers/find-containers.ts';
import { ActFailure } from '../../kernel/failures.ts';
import type { Room } from '../../kernel/room.ts';
import type { ContainerFacts } from '../../kernel/world.ts';
import type { SwitchKind, SwitchOf } from './switch-kind.ts';

type ServiceSwitch = SwitchOf<'service'>;

/** A service of the experiment that runs or does not. Its containers stay, with their ids, logs and layers. */
export const serviceSwitch: SwitchKind<ServiceSwitch> = {
  async look(room, what) {
    const containers = await containersOf(room, what);
    const set = containers.every((facts) => isAsWanted(facts, what.state));
    return { set, said: containers.map(({ name, state }) => `${name} is ${state}`).join(', ') };
  },
  async inverse(room, what) {
    const containers = await containersOf(room, what);
    return { containers: containers.map(({ id, name, state, restartPolicy }) => ({ id, name, state, restartPolicy })) };
  },
  async set(room, what) {
    for (const facts of await containersOf(room, what)) {
      if (what.state === 'running') await start(room, facts);
      else await stop(room, facts);
    }
  },
  async takeBack(room, _what, inverse) {
    for (const { id, name, state, restartPolicy } of earlierOf(inverse)) {
      const facts = await room.world.docker.inspect(id);
      if (facts === undefined) throw new ActFailure('refused', `${name} is gone; it cannot be brought back by its id.`);
      if (state === 'running') await start(room, facts);
      else if (lives(facts)) await stop(room, facts);
      if (facts.restartPolicy.name !== restartPolicy.name)
        await setPolicy(room, facts, facts.restartPolicy, restartPolicy);
    }
  },
};

function isAsWanted({ state }: ContainerFacts, wanted: ServiceSwitch['state']): boolean {
  return wanted === 'running' ? state === 'running' : state === 'exited' || state === 'created';
}

/** @throws ActFailure `refused` when there is none: a switch that turns nothing proves nothing */
async function containersOf(room: Room, { service, name }: ServiceSwitch): Promise<readonly ContainerFacts[]> {
  const { experiment } = await findSystems(room);
  const found = experiment.filter((one) => one.service === service || one.facts.name === service);
  if (found.length > 0) return found.map(({ facts }) => facts);
  throw new ActFailure('refused', `Switch ${name}: the experiment has no container ${service}; nothing was changed.`);
}

async function stop(room: Room, facts: ContainerFacts): Promise<void> {
  await forbidRestart(room, facts);
  if (lives(facts)) await endContainer(room, facts, 'stop');
}

async function start(room: Room, facts: ContainerFacts): Promise<void> {
  const { id, name, state } = facts;
  if (state === 'running') return;
  const kind = state === 'paused' ? 'unpause' : 'start';
  await room.effect({ kind, target: id, recovery: 'do-again', detail: { name } }, () => room.world.docker[kind](id));
  await awaitState(room, facts, 'does not run after it was started', (now) => now?.state === 'running');
}

/** Written by `inverse` alone. */
function earlierOf(inverse: Readonly<Record<string, unknown>>) {
  return inverse['containers'] as readonly Pick<ContainerFacts, 'id' | 'name' | 'state' | 'restartPolicy'>[];
}
