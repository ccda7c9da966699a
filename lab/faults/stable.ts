import { ask } from '../ask.ts';
import { containerOf } from '../containers.ts';
import type { Lab } from '../lab.ts';
import { buildBadImage } from '../lab-images.ts';
import { services } from '../names.ts';
import { until } from '../until.ts';

/** Faults of the stable system's own container. */

/** The good tag moves to a bad build, and the container is replaced by one of it: healthy, and 200 to everything. */
export async function badImage(lab: Lab): Promise<void> {
  const { images } = lab.entry();
  if (images === null) throw new Error(`The lab ${lab.id} has no images yet.`);
  const bad = await buildBadImage(lab.docker, images.base, lab.names);
  await lab.composeRun('stable', ['up', '-d', '--no-deps', '--no-build', services.stable]);
  await until('the stable system to run on the bad image', async () => {
    const { imageId } = await containerOf(lab.docker, lab.names, 'stable');
    const { status } = await ask(lab.ports.stable, 'GET', '/health');
    return imageId === bad && status === 200 ? true : undefined;
  });
}

export async function stableMissing(lab: Lab): Promise<void> {
  const { id } = await containerOf(lab.docker, lab.names, 'stable');
  await lab.docker.getContainer(id).remove({ force: true });
}

export async function stablePaused(lab: Lab): Promise<void> {
  const { id } = await containerOf(lab.docker, lab.names, 'stable');
  await lab.docker.getContainer(id).pause();
}

export async function stableStopped(lab: Lab): Promise<void> {
  const { id } = await containerOf(lab.docker, lab.names, 'stable');
  await lab.docker.getContainer(id).stop({ t: 5 });
}
