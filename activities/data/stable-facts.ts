import { join } from 'node:path';
import type { CheckpointRecord } from '../../contract/records.ts';
import type { StableContainerFacts, StableFacts } from '../../runbook/decide-recovery.ts';
import { findStable, type StableContainer } from '../checks/find-stable.ts';
import { locateRoot } from '../checks/locate-root.ts';
import { findSystems } from '../containers/find-containers.ts';
import type { TreeComparison } from '../git/compare-tree.ts';
import type { Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { coversRoot, overlaps, realOf } from './covers-root.ts';
import { findDrift } from './find-drift.ts';

/** What the plan must know of the stable system: who uses which data and files, and what of it has to change. */
export async function stableFacts(
  room: Room,
  checkpoint: CheckpointRecord | null,
  changes: { readonly top: string; readonly comparison: TreeComparison } | null,
): Promise<StableFacts> {
  const system = await findStable(room);
  const paths = await pathsOfRoots(room);
  const changed = changes === null ? [] : changedPaths(changes.top, changes.comparison);
  return {
    containers: system.containers.map((container) => factsOf(room, container, { paths, changed })),
    missing: system.missing,
    drift: await findDrift(room, checkpoint, system),
    pins: Object.fromEntries((checkpoint?.images ?? []).map(({ service, image }) => [service, image])),
    stopInEmergency: room.target.emergency.stopStable,
  };
}

/** Which containers of the experiment use which data: they are stopped for a swap, and go on after it. */
export async function experimentUsers(
  room: Room,
): Promise<readonly Pick<StableContainerFacts, 'id' | 'alive' | 'roots'>[]> {
  const paths = await pathsOfRoots(room);
  const { experiment } = await findSystems(room);
  return experiment.map(({ facts }) => ({
    id: facts.id,
    alive: ['running', 'paused', 'restarting'].includes(facts.state),
    roots: rootsUsedBy(room, facts, paths),
  }));
}

function rootsUsedBy(
  room: Room,
  { mounts }: Pick<ContainerFacts, 'mounts'>,
  paths: ReadonlyMap<string, string | null>,
): readonly string[] {
  return room.target.data
    .filter((root) => mounts.some((mount) => coversRoot(mount, root, paths.get(root.name) ?? null)))
    .map(({ name }) => name);
}

async function pathsOfRoots(room: Room): Promise<ReadonlyMap<string, string | null>> {
  const places = await Promise.all(
    room.target.data.map(async (root) => {
      const place = await locateRoot(room, root);
      return [root.name, 'path' in place ? place.path : root.kind === 'path' ? root.path : null] as const;
    }),
  );
  return new Map(places);
}

/** What the return to the checkpoint touches, and what it moves out of the way. */
function changedPaths(top: string, { outside }: TreeComparison): readonly string[] {
  const paths = outside.flatMap(({ path, inTheWay }) => [path, ...(inTheWay === null ? [] : [inTheWay.path])]);
  return [...new Set(paths.map((path) => join(top, path.toString('utf8'))))];
}

function factsOf(
  room: Room,
  { service, facts }: StableContainer,
  seen: { readonly paths: ReadonlyMap<string, string | null>; readonly changed: readonly string[] },
): StableContainerFacts {
  const sources = facts.mounts.filter(({ type }) => type === 'bind').map(({ source }) => realOf(source));
  return {
    id: facts.id,
    service,
    alive: ['running', 'paused', 'restarting'].includes(facts.state),
    running: facts.state === 'running',
    roots: rootsUsedBy(room, facts, seen.paths),
    usesChangedFiles: sources.some((source) => seen.changed.some((path) => overlaps(source, path))),
  };
}
