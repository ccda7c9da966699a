import { join } from 'node:path';
import type { UndoPlan } from '../../contract/records.ts';
import type { Discard } from '../../contract/rollback.ts';
import type { UndoPlanned } from '../../contract/undo.ts';
import { ensureDir } from '../../vault/durable-file.ts';
import { compareSummary } from '../../vault/manifest/compare.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import type { SafetyRootRecord } from '../../vault/safety-copy.ts';
import { excludedOf } from '../checks/checks-of.ts';
import { locateRoot } from '../checks/locate-root.ts';
import { findSystems } from '../containers/find-containers.ts';
import { findWriters, realOf } from '../data/covers-root.ts';
import { gitOf } from '../git/git-of.ts';
import { ActFailure } from '../kernel/failures.ts';
import { writeRecord } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { type ContainerChange, planContainers } from './plan-containers.ts';
import { gitBefore, gitDifferences } from './undo-git.ts';
import { touchedRepository, touchedRoot, type UndoneRollback, undoneRollback } from './undone-rollback.ts';

/** Note in the undo's journal: data and repository are back and proven; what is written after it is new work. */
export const filesBackNote = 'data and repository are as before';

/**
 * What brings back the state before the rollback, from what that one kept and from the world as it is now. Only what the
 * rollback changed goes back: what it left alone is today's. A look; the plan on disk is all it writes.
 * @throws ActFailure `refused` when somebody else's container can write to data that go back
 */
export const planUndo: ActBody<UndoPlanned> = async (room) => {
  const undone = undoneRollback(room);
  const filesBack = room.journal
    .records()
    .some(({ kind, ...record }) => kind === 'note' && 'text' in record && record.text === filesBackNote);
  const roots = filesBack ? [] : await planRoots(room, undone);
  const repository = filesBack ? asBefore : await planRepository(room, undone);
  const containers = await planContainers(room, undone);
  const goBack = roots.filter(({ action }) => action === 'put-back');
  const plan: UndoPlan = {
    format: 1,
    at: new Date(room.world.now()).toISOString(),
    undoes: undone.rollbackId,
    roots: roots.map(({ root, action, reason }) => ({ root, action, reason })),
    repository: { action: repository.action, reason: repository.reason },
    containers: containers.changes.map(({ id, name, system, was, acts }) => ({ id, name, system, was, acts })),
    stop: await writersOf(room, goBack),
    discards: goBack.flatMap(({ discard }) => (discard === null ? [] : [discard])),
    exceptions: containers.exceptions,
  };
  const { hash, file } = writeRecord(room, 'undo', plan);
  const nothingToDo = goBack.length === 0 && plan.repository.action === 'leave' && containers.changes.length === 0;
  return {
    outcome: 'done',
    reason: nothingToDo
      ? 'All is as it was before the rollback.'
      : `${linesOf(plan, containers.changes).length} things to do.`,
    hash,
    roots: goBack.map(({ root }) => root),
    repository: plan.repository.action === 'put-back',
    lines: linesOf(plan, containers.changes),
    discards: plan.discards,
    exceptions: plan.exceptions,
    nothingToDo,
    files: [file],
  };
};

interface RootPlan {
  readonly root: string;
  readonly action: 'put-back' | 'leave';
  readonly reason: string;
  readonly discard: Discard | null;
  readonly path: string | null;
}

const asBefore = { action: 'leave', reason: 'it is as before already' } as const;

async function planRoots(room: Room, undone: UndoneRollback): Promise<readonly RootPlan[]> {
  const plans: RootPlan[] = [];
  for (const root of room.target.data) {
    const safety = undone.roots.find(({ name }) => name === root.name);
    if (safety === undefined || !touchedRoot(undone, root.name)) {
      const reason = 'the rollback did not change it';
      plans.push({ root: root.name, action: 'leave', reason, discard: null, path: null });
    } else plans.push(await planRoot(room, root, safety));
  }
  return plans;
}

async function planRoot(room: Room, root: Room['target']['data'][number], safety: SafetyRootRecord): Promise<RootPlan> {
  const base = { root: root.name, action: 'put-back' } as const;
  const keptAt = join(room.rollback.dir, 'plan', 'undo.json');
  if (root.kind === 'dump') {
    const discard = {
      what: `${root.name} as it is now`,
      files: 1,
      bytes: 0,
      changedSince: null,
      keptAt: room.rollback.safetyDir,
    };
    return { ...base, reason: 'the dump of before is loaded', discard, path: null };
  }
  const place = await locateRoot(room, root);
  if ('problem' in place) {
    if (!place.absent) throw new ActFailure('refused', `${root.name}: ${place.problem}; nothing was changed.`);
    return { ...base, reason: `${place.problem}; all of it comes back`, discard: null, path: null };
  }
  const path = realOf(place.path);
  const found = join(room.rollback.planDir, 'found', `${root.name}.jsonl`);
  room.beforeEffect();
  ensureDir(join(found, '..'));
  await writeManifest(path, found, { exclude: excludedOf(root), signal: room.signal });
  const now = await compareSummary(safety.manifest, found);
  const wrong = now.differing + now.missing + now.extra + now.metadataOnly;
  if (wrong === 0) return { root: root.name, action: 'leave', reason: asBefore.reason, discard: null, path };
  const reason = `${now.differing} differ, ${now.missing} are missing, ${now.extra} are new, ${now.metadataOnly} have another owner, mode or time`;
  const files = now.differing + now.extra;
  const discard: Discard | null =
    files === 0
      ? null
      : {
          what: `${root.name} as it is now`,
          files,
          bytes: now.differingBytes + now.extraBytes,
          changedSince: null,
          keptAt,
        };
  return { ...base, reason, discard, path };
}

async function planRepository(room: Room, undone: UndoneRollback) {
  if (!touchedRepository(undone)) return { action: 'leave', reason: 'the rollback did not change it' } as const;
  const git = await gitOf(room);
  const before = gitBefore(undone, git);
  if (before === undefined)
    return { action: 'leave', reason: 'nothing of it was kept, so nothing was changed' } as const;
  const wrong = await gitDifferences(git, before);
  if (wrong.length === 0) return asBefore;
  return { action: 'put-back', reason: wrong.slice(0, 5).join('; ') } as const;
}

/** Containers that may write to what goes back. Only ours are stopped. */
async function writersOf(room: Room, roots: readonly RootPlan[]): Promise<UndoPlan['stop']> {
  const { experiment, stable } = await findSystems(room);
  const ours = new Set([...experiment, ...stable].map(({ facts }) => facts.id));
  const writers = new Map<string, string>();
  for (const { root, path } of roots) {
    const declared = room.target.data.find(({ name }) => name === root);
    // A dump is loaded through the program that holds the data, which therefore runs.
    if (declared === undefined || declared.kind === 'dump') continue;
    for (const { id, name } of await findWriters(room, declared, path)) {
      if (!ours.has(id))
        throw new ActFailure(
          'refused',
          `${name} is none of ours and can write to ${root}: stop it first. Nothing was changed.`,
        );
      writers.set(id, name);
    }
  }
  return [...writers].map(([id, name]) => ({ id, name }));
}

function linesOf(plan: UndoPlan, changes: readonly ContainerChange[]): readonly string[] {
  return [
    ...plan.stop.map(({ name }) => `stop ${name}: it can write to data that go back`),
    ...plan.roots
      .filter(({ action }) => action === 'put-back')
      .map(({ root, reason }) => `data ${root} go back: ${reason}`),
    ...(plan.repository.action === 'leave'
      ? []
      : [`files, index and HEAD of the repository go back: ${plan.repository.reason}`]),
    ...changes.map(({ name, was, acts }) => `${name}: ${acts.join(', ')} (it was ${was})`),
  ];
}
