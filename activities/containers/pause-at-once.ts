import type { Target } from '../../target/schema.ts';
import { asActFailure } from '../kernel/failures.ts';
import type { World } from '../kernel/world.ts';
import { findSystems } from './find-containers.ts';

export interface PausedAtOnce {
  readonly paused: readonly string[];
  readonly notPaused: readonly { readonly name: string; readonly why: string }[];
}

/**
 * Pauses the experiment from the list of containers alone, with no journal and no space: what fills the disk must stop
 * before there is room for anything else. The rollback that follows finds it paused and goes on from there.
 * @throws ActFailure when the engine gives no list
 */
export async function pauseAtOnce(world: Pick<World, 'docker'>, target: Target): Promise<PausedAtOnce> {
  const { experiment } = await findSystems({ world, target });
  const running = experiment.filter(({ facts }) => facts.state === 'running');
  const ended = await Promise.allSettled(running.map(({ facts }) => world.docker.pause(facts.id)));
  const names = running.map(({ facts }) => facts.name);
  return {
    paused: names.filter((_, n) => ended[n]?.status === 'fulfilled'),
    notPaused: names.flatMap((name, n) => {
      const one = ended[n];
      return one?.status === 'rejected' ? [{ name, why: asActFailure(one.reason).message }] : [];
    }),
  };
}
