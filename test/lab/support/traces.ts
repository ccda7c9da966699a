import type Docker from 'dockerode';
import type { Lab } from '../../../lab/lab.ts';
import { labLabel } from '../../../lab/names.ts';

/** Everything the engine still has of a lab: containers, networks, volumes, images, each by its name. */
export async function tracesOf({ docker, id, project }: Pick<Lab, 'docker' | 'id' | 'project'>): Promise<string[]> {
  const labels = [`${labLabel}=${id}`, `com.docker.compose.project=${project}`];
  const found = await Promise.all(labels.map((label) => withLabel(docker, label)));
  return [...new Set(found.flat())].sort();
}

async function withLabel(docker: Docker, label: string): Promise<string[]> {
  const asText = JSON.stringify({ label: [label] });
  const containers = await docker.listContainers({ all: true, filters: asText });
  const networks = await docker.listNetworks({ filters: asText });
  const volumes = await docker.listVolumes({ filters: asText });
  const images = await docker.listImages({ filters: asText });
  return [
    ...containers.map(({ Names }) => `container ${Names[0]}`),
    ...networks.map(({ Name }) => `network ${Name}`),
    ...(volumes.Volumes ?? []).map(({ Name }) => `volume ${Name}`),
    ...images.map(({ Id, RepoTags }) => `image ${RepoTags?.[0] ?? Id}`),
  ];
}
