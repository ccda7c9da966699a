import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RecoveryPlan } from '../../contract/records.ts';
import type { CopyProgress } from '../../vault/copy-tree.ts';
import { nameExists } from '../../vault/durable-file.ts';
import { isDiskFull, Refused, VerifyFailed } from '../../vault/errors.ts';
import {
  makeSafetyCopy as copySafely,
  readSafetyCopy,
  type SafetyCopyResult,
  type SafetyRoot,
} from '../../vault/safety-copy.ts';
import { excludedOf } from '../checks/checks-of.ts';
import { locateRoot } from '../checks/locate-root.ts';
import { gitOf } from '../git/git-of.ts';
import { type KeptGitState, keepGitState } from '../git/keep-git-state.ts';
import { readRepository } from '../git/read-repository.ts';
import { fileRef, readRecoveryPlan } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { findWriters, realOf } from './covers-root.ts';
import { takeDump } from './take-dump.ts';
import { progressTeller } from './tell-progress.ts';
import { thawLeft, whileFrozen } from './while-frozen.ts';

type DataRoot = Room['target']['data'][number];

/**
 * The state just before the rollback, whole and verified, before anything is destroyed (design §4.3): every root that
 * goes back, and of the repository what the return changes. The first copy is kept and proven again; one of a
 * half-rolled-back state is never made. The emergency path only records files that will be moved aside.
 */
export const makeSafetyCopy: ActBody = async (room) => {
  await thawLeft(room);
  const plan = readRecoveryPlan(room);
  const how = room.input.mode === 'emergency' ? 'aside' : 'copy';
  const git = await keepRepository(room, plan, how).catch((error: unknown) => {
    if (how === 'aside' || !isDiskFull(error)) throw error;
    return keepRepository(room, plan, 'aside');
  });
  const roots = rootsOf(room, plan);
  const absent: string[] = [];
  const wanted: SafetyRoot[] = [];
  for (const root of roots) {
    const place = await placeOf(room, root);
    if (place === undefined) absent.push(root.name);
    else wanted.push({ name: root.name, path: place, how: howFor(root, how), ...excluded(root) });
  }
  const data = await keepData(room, { roots, wanted }).catch((error: unknown) =>
    asideOnFullDisk(room, error, { roots, wanted }),
  );
  for (const root of roots)
    if (root.kind === 'dump') rmSync(dumpFolder(room, root.name), { recursive: true, force: true });
  return told({ git, data, absent, how });
};

function rootsOf(room: Room, plan: RecoveryPlan): readonly DataRoot[] {
  const names = plan.roots.filter(({ action }) => action === 'put-back').map(({ root }) => root);
  return room.target.data.filter(({ name }) => names.includes(name));
}

async function keepRepository(room: Room, plan: RecoveryPlan, how: 'copy' | 'aside'): Promise<KeptGitState | null> {
  const commit = plan.git.returnTo;
  if (commit === null) return null;
  room.progress('keeps the state of the repository');
  const git = await gitOf(room);
  const { comparison } = await readRepository(git, commit, room.target);
  return keepGitState(room, git, comparison, how);
}

/** A folder to copy, or undefined when there is nothing to keep. */
async function placeOf(room: Room, root: DataRoot): Promise<string | undefined> {
  if (root.kind === 'dump') {
    const folder = dumpFolder(room, root.name);
    const kept = readSafetyCopy(room.rollback.safetyDir)?.roots.some(({ name }) => name === root.name) === true;
    // The first safety copy counts; nobody dumps a later state.
    if (!kept && !nameExists(join(room.rollback.safetyDir, 'roots', `${root.name}.json`))) {
      await takeDump(room, root, { folder, manifest: `${folder}.jsonl` });
    }
    return folder;
  }
  const place = await locateRoot(room, root);
  if ('path' in place) return realOf(place.path);
  if (place.absent) return undefined;
  throw new Refused({
    reason: 'unreadable',
    path: root.name,
    why: place.problem,
    remedy: 'Run as an account that can read it.',
  });
}

/** Loading a dump replaces the present data: nothing of them is moved aside, and the dump is all that is left of them. */
function howFor(root: DataRoot, how: SafetyRoot['how']): SafetyRoot['how'] {
  return root.kind === 'dump' ? 'copy' : how;
}

function dumpFolder(room: Room, root: string): string {
  return join(room.rollback.safetyDir, 'dumps', root);
}

function excluded(root: DataRoot): Pick<SafetyRoot, 'exclude'> {
  return root.kind === 'dump' ? {} : { exclude: excludedOf(root) };
}

/**
 * No space for copies: files that go back are recorded, and the restore moves them aside on their own disk, as the
 * emergency path does (runbook/full-disk.ts). A dump has nothing to move aside: without space it cannot go back.
 */
async function asideOnFullDisk(
  room: Room,
  error: unknown,
  job: { readonly roots: readonly DataRoot[]; readonly wanted: readonly SafetyRoot[] },
): Promise<SafetyCopyResult | null> {
  const full = isDiskFull(error) || (error instanceof Refused && error.reason === 'no-space');
  if (!full || job.wanted.every(({ how }) => how === 'aside')) throw error;
  room.progress('no space for a copy: records what will be moved aside');
  const dumps = new Set(job.roots.filter(({ kind }) => kind === 'dump').map(({ name }) => name));
  const wanted = job.wanted.map((root): SafetyRoot => (dumps.has(root.name) ? root : { ...root, how: 'aside' }));
  return await keepData(room, { ...job, wanted });
}

/**
 * Data are copied while the stable system still serves. When they change meanwhile, whoever may write there is frozen
 * for the copy: the plan stops these containers next anyway.
 */
async function keepData(
  room: Room,
  job: { readonly roots: readonly DataRoot[]; readonly wanted: readonly SafetyRoot[] },
): Promise<SafetyCopyResult | null> {
  if (job.wanted.length === 0) return null;
  const tellers = new Map(job.wanted.map(({ name }) => [name, progressTeller(room, name)]));
  const copy = () =>
    copySafely({
      roots: job.wanted,
      into: room.rollback.safetyDir,
      rollbackId: room.input.rollbackId,
      at: new Date(room.world.now()).toISOString(),
      onProgress: (root: string, progress: CopyProgress) => tellers.get(root)?.(progress),
      signal: room.signal,
      beforeEffect: () => room.beforeEffect(),
    });
  try {
    return await copy();
  } catch (error) {
    const moving = (error instanceof Refused && error.reason === 'changing') || error instanceof VerifyFailed;
    // A first copy that is not as recorded does not get better by freezing anybody.
    if (!moving || readSafetyCopy(room.rollback.safetyDir) !== undefined) throw error;
    return await whileFrozen(room, await writersOf(room, job), copy);
  }
}

/** Only containers that the plan stops: others are never touched. */
async function writersOf(
  room: Room,
  { roots, wanted }: { readonly roots: readonly DataRoot[]; readonly wanted: readonly SafetyRoot[] },
): Promise<readonly ContainerFacts[]> {
  const { stopForData } = readRecoveryPlan(room);
  const found = new Map<string, ContainerFacts>();
  for (const root of roots) {
    const path = wanted.find(({ name }) => name === root.name)?.path ?? null;
    for (const facts of await findWriters(room, root, path)) {
      if (stopForData.includes(facts.id)) found.set(facts.id, facts);
    }
  }
  return [...found.values()];
}

function told(kept: {
  readonly git: KeptGitState | null;
  readonly data: SafetyCopyResult | null;
  readonly absent: readonly string[];
  readonly how: 'copy' | 'aside';
}): Awaited<ReturnType<ActBody>> {
  const { git, data, absent, how } = kept;
  const roots = data?.record.roots ?? [];
  const files = roots.reduce((sum, root) => sum + root.files, 0);
  const bytes = roots.reduce((sum, root) => sum + root.bytes, 0);
  const verb = how === 'copy' ? 'copied and verified' : 'recorded, to be moved aside';
  const parts = [
    ...(git === null ? [] : [`the state of the repository with ${git.record.files} working file(s)`]),
    ...roots.map((root) => `${root.name} (${root.files} files)`),
  ];
  const noSpace = how === 'aside' ? [] : roots.filter((root) => root.how === 'aside').map(({ name }) => name);
  const full =
    noSpace.length === 0
      ? ''
      : `; no space for a copy of ${noSpace.join(', ')}: recorded, and moved aside by the restore`;
  const gone = absent.length === 0 ? '' : `; not there, so nothing to keep: ${absent.join(', ')}`;
  const again = [git?.kind, data?.kind].every((kind) => kind === undefined || kind === 'already-done');
  const what = parts.length === 0 ? 'Nothing had to be kept' : `${parts.join(', ')} ${verb}`;
  return {
    outcome: again ? 'already-done' : 'done',
    reason: `${what}${again && parts.length > 0 ? ', the first copy stands' : ''}${full}${gone}.`,
    figures: { roots: roots.length, files, bytes, asideOnly: noSpace.length, gitFiles: git?.record.files ?? 0 },
    ...(data === null ? {} : { files: [fileRef(data.recordFile)] }),
  };
}
