import type { PlannedContainer } from '../../contract/records.ts';
import {
  type Classified,
  classifyContainer,
  type Labelled,
  type SystemRules,
} from '../../runbook/classify-container.ts';
import type { Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';

/** A container of one of both systems as it is now. */
export interface Found {
  readonly facts: ContainerFacts;
  readonly service: string | null;
  readonly why: string;
}

export interface Systems {
  readonly experiment: readonly Found[];
  readonly stable: readonly Found[];
  /** How many others this engine has: they are never touched. */
  readonly foreign: number;
}

interface Looking {
  readonly world: Pick<Room['world'], 'docker'>;
  readonly target: Room['target'];
}

/** All containers of both systems, found anew by label and name. One that vanishes while we look is not there. */
export async function findSystems(room: Looking): Promise<Systems> {
  const listed = (await room.world.docker.list()).map((one) => ({ one, seen: classify(room, one) }));
  const ours = listed.filter(({ seen }) => seen.system !== 'foreign');
  const found = await Promise.all(
    ours.map(async ({ one, seen }) => ({ seen, facts: await room.world.docker.inspect(one.id) })),
  );
  const of = (system: Classified['system']): readonly Found[] =>
    found
      .filter(({ seen }) => seen.system === system)
      .flatMap(({ seen, facts }) => (facts === undefined ? [] : [{ facts, service: seen.service, why: seen.why }]))
      .sort((a, b) => (a.facts.name < b.facts.name ? -1 : 1));
  return { experiment: of('experiment'), stable: of('stable'), foreign: listed.length - ours.length };
}

/** To which system a container belongs, as this target has it. */
export function classify({ target }: Pick<Room, 'target'>, container: Labelled): Classified {
  const rules: SystemRules = {
    project: target.compose.project,
    repository: target.repository.path,
    stable: target.stable,
    experiment: target.experiment,
  };
  return classifyContainer(container, rules);
}

/** As the plan keeps it: how it was before anything was done to it. */
export function plannedOf({ facts, service, why }: Found): PlannedContainer {
  return {
    id: facts.id,
    name: facts.name,
    service,
    why,
    image: facts.image,
    state: facts.state,
    startedAt: facts.startedAt,
    restartCount: facts.restartCount,
    restartPolicy: facts.restartPolicy,
    autoRemove: facts.autoRemove,
    mounts: facts.mounts.map(({ type, source, destination, name }) => ({ type, source, destination, name })),
    networks: facts.networks,
  };
}
