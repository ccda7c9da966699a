import type Docker from 'dockerode';
import { type LabNames, type Role, services } from './names.ts';

export interface LabContainer {
  readonly id: string;
  readonly name: string;
  /** As the engine says: running, paused, restarting, exited, created. */
  readonly state: string;
  readonly imageId: string;
}

export type LabContainers = Readonly<Partial<Record<Role, LabContainer>>>;

/** The lab's containers by role; a role whose container is gone is missing. */
export async function labContainers(docker: Docker, names: LabNames): Promise<LabContainers> {
  const all = await docker.listContainers({ all: true });
  const ofService = new Map<string, Role>();
  for (const role of ['stable', 'store', 'experiment', 'cache', 'indexer'] as const)
    ofService.set(services[role], role);
  const found: Partial<Record<Role, LabContainer>> = {};
  for (const { Id, Names, State, ImageID, Labels } of all) {
    const container = { id: Id, name: (Names[0] ?? '').slice(1), state: State, imageId: ImageID };
    if (container.name === names.byHand) found.byHand = container;
    if (Labels['com.docker.compose.project'] !== names.project) continue;
    const role = ofService.get(Labels['com.docker.compose.service'] ?? '');
    if (role !== undefined) found[role] = container;
  }
  return found;
}

/** @throws Error when that container is not there */
export async function containerOf(docker: Docker, names: LabNames, role: Role): Promise<LabContainer> {
  const container = (await labContainers(docker, names))[role];
  if (container === undefined) throw new Error(`The lab ${names.id} has no container for "${role}".`);
  return container;
}
