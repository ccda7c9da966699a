import type Docker from 'dockerode';
import { account, agentMounts } from './compose-files.ts';
import { type LabNames, labLabel } from './names.ts';
import type { LabPaths } from './paths.ts';

/**
 * `docker run -d --name lightrag-experimental …`: somebody's second copy of the experiment. It stands in no compose
 * file, carries none of compose's labels, and a `down` does not know it.
 */
export async function startByHand(docker: Docker, names: LabNames, paths: LabPaths): Promise<void> {
  const container = await docker.createContainer({
    name: names.byHand,
    Image: names.experimentImage,
    User: account(),
    Labels: { [labLabel]: names.id },
    Env: ['STORE_URL=http://store:7000'],
    HostConfig: {
      NetworkMode: names.network,
      Binds: [
        ...agentMounts(paths).map((mount) => mount.replace('./', `${paths.repository}/`)),
        `${paths.repository}/openviking:/project/openviking:ro`,
      ],
    },
  });
  await container.start();
}
