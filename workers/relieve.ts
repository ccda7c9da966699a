import { pauseAtOnce } from '../activities/containers/pause-at-once.ts';
import type { World } from '../activities/kernel/world.ts';
import type { Relief } from '../contract/processes.ts';
import type { Target } from '../target/schema.ts';
import { releaseBallast } from '../vault/ballast.ts';
import { environmentLayout } from '../vault/layout.ts';

/**
 * Before an emergency on a full disk: first the experiment is paused, then the space in reserve is given up. The other
 * way round whoever fills the disk would have that as well, and nothing could be written any more to stop it.
 */
export async function relieve(world: World, target: Target): Promise<Relief> {
  const { ballastFile } = environmentLayout(world.stateRoot, target.environment);
  try {
    const { paused, notPaused } = await pauseAtOnce(world, target);
    return { paused, notPaused, freedBytes: releaseBallast(ballastFile) };
  } catch (error) {
    // Without an engine nothing can be stopped; the reserve may still let the rollback say so.
    const why = error instanceof Error ? error.message : String(error);
    return { paused: [], notPaused: [{ name: 'the experiment', why }], freedBytes: releaseBallast(ballastFile) };
  }
}
