import type { RecoveryPlan, RootDecision } from '../../contract/records.ts';
import { readSafetyCopy } from '../../vault/safety-copy.ts';
import { locateRoot } from '../checks/locate-root.ts';
import { giveAside } from '../git/aside-of-repository.ts';
import { ActFailure } from '../kernel/failures.ts';
import { readCheckpoint, readRecoveryPlan } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { asideOfRoot } from './aside-of-root.ts';
import { checkpointCopyOf } from './compare-with-checkpoint.ts';
import { findWriters, realOf } from './covers-root.ts';
import { deviceOf, isSameDevice } from './device-of.ts';
import { restoreDump } from './restore-dump.ts';
import { restoreFromBackups } from './restore-from-backups.ts';
import { restoreFromCheckpoint } from './restore-from-checkpoint.ts';
import { restoreFromGit } from './restore-from-git.ts';

type DataRoot = Room['target']['data'][number];
type FolderRoot = Exclude<DataRoot, { readonly kind: 'dump' }>;

/** Everything a restore of one folder needs to know. */
export interface FolderRestore {
  readonly root: FolderRoot;
  /** Real path of the data. */
  readonly path: string;
  readonly aside: string;
  readonly plan: RecoveryPlan;
}

export interface Restored {
  readonly kind: 'done' | 'already-done';
  readonly said: string;
  readonly figures: Readonly<Record<string, number>>;
  /** What the operator has to know beside it. */
  readonly exceptions: readonly string[];
}

/**
 * Puts one data root back from the source the plan names (runbook 2.2, 2.3; design §4.5–4.6), behind a verified safety
 * copy, while nothing can write to it. Nothing is deleted: what is replaced and what is new is moved aside. Killed at
 * any point, the next attempt looks at the data and finishes. The journal names the root from its first change on.
 */
export const restoreData: ActBody = async (room) => {
  const plan = readRecoveryPlan(room);
  const { root, decision } = decided(room, plan);
  const path = await pathOf(room, root);
  refuseWithoutSafety(room, root, path);
  await refuseWhileWritten(room, root, path?.exists === true ? path.path : null);
  const restored = await restore(room, { root, decision, plan, path: path?.path ?? null });
  const { kind, said, figures, exceptions } = restored;
  const except = exceptions.length === 0 ? '' : ` Not as it was: ${exceptions.slice(0, 3).join('; ')}.`;
  return {
    outcome: kind,
    reason: `${root.name}: ${said}.${except}`,
    figures: { ...figures, exceptions: exceptions.length },
  };
};

function decided(room: Room, plan: RecoveryPlan): { readonly root: DataRoot; readonly decision: RootDecision } {
  const name = room.input.options.root;
  const root = room.target.data.find((each) => each.name === name);
  const decision = plan.roots.find((each) => each.root === name);
  if (root !== undefined && decision?.action === 'put-back') return { root, decision };
  throw new ActFailure(
    'plan-differs',
    `The plan does not put ${name ?? 'an unnamed data root'} back; nothing was done.`,
  );
}

/** Where the data lie. Only a folder that is really gone is made anew: on its own disk, for a path of the target. */
async function pathOf(room: Room, root: DataRoot): Promise<{ readonly path: string; readonly exists: boolean } | null> {
  if (root.kind === 'dump') return null;
  const place = await locateRoot(room, root);
  const path = 'path' in place ? realOf(place.path) : root.kind === 'path' && place.absent ? root.path : undefined;
  if (path === undefined) {
    const why = 'problem' in place ? place.problem : 'it was not found';
    throw new ActFailure('refused', `${root.name} cannot be put back: ${why}; nothing was changed.`);
  }
  const copy = await checkpointCopyOf(room, readCheckpoint(room), root.name);
  const recorded = 'problem' in copy ? null : copy.record.device;
  if (!isSameDevice(deviceOf(path), recorded)) {
    throw new ActFailure(
      'refused',
      `${root.name} lies on ${deviceOf(path)} now and lay on ${recorded}: its disk is not mounted; nothing was changed.`,
    );
  }
  return { path, exists: 'path' in place };
}

function refuseWithoutSafety(room: Room, root: DataRoot, path: { readonly exists: boolean } | null): void {
  const kept = readSafetyCopy(room.rollback.safetyDir)?.roots.some(({ name }) => name === root.name) === true;
  if (kept || path?.exists === false) return;
  throw new ActFailure('refused', `There is no safety copy of ${root.name}; its data were not touched.`);
}

/** A mount pins what it shows, and whoever writes meanwhile writes into a mixture (facts). */
async function refuseWhileWritten(room: Room, root: DataRoot, path: string | null): Promise<void> {
  // A dump is loaded through the program that holds the data, which therefore runs.
  if (root.kind === 'dump') return;
  const writers = await findWriters(room, root, path);
  if (writers.length === 0) return;
  const names = writers.map(({ name }) => name).join(', ');
  throw new ActFailure('refused', `${names} can still write to ${root.name}; its data were not touched.`, {
    data: { containers: writers.map(({ id }) => id) },
  });
}

async function restore(
  room: Room,
  job: {
    readonly root: DataRoot;
    readonly decision: RootDecision;
    readonly plan: RecoveryPlan;
    readonly path: string | null;
  },
): Promise<Restored> {
  const { root, decision, plan, path } = job;
  if (root.kind === 'dump') return restoreDump(room, root);
  if (path === null) throw new ActFailure('refused', `${root.name} has no folder; nothing was done.`);
  const folder: FolderRestore = { root, path, plan, aside: await asideOfRoot(room, root.name, path) };
  const restored = await restoreFolder(room, folder, decision);
  giveAside(folder.aside);
  return restored;
}

function restoreFolder(room: Room, folder: FolderRestore, { source }: RootDecision): Promise<Restored> {
  switch (source) {
    case 'checkpoint':
      return restoreFromCheckpoint(room, folder);
    case 'git':
      return restoreFromGit(room, folder);
    case 'backup':
      return restoreFromBackups(room, folder);
    case null:
      throw new ActFailure('plan-differs', `The plan names no source for ${folder.root.name}; nothing was done.`);
  }
}
