import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChangesReport, CommitChanges, ImageChange, Looked, RootChanges } from '../../contract/changes.ts';
import type { CheckpointRecord } from '../../contract/records.ts';
import { ensureDir } from '../../vault/durable-file.ts';
import { treeChanges } from '../../vault/tree-changes.ts';
import type { Git } from '../adapters/git.ts';
import { excludedOf } from '../checks/checks-of.ts';
import { findStable } from '../checks/find-stable.ts';
import { locateRoot } from '../checks/locate-root.ts';
import { findSystems } from '../containers/find-containers.ts';
import { stackOf } from '../containers/stack-of.ts';
import { checkpointCopyOf } from '../data/compare-with-checkpoint.ts';
import { deviceOf, isSameDevice } from '../data/device-of.ts';
import { examineDump } from '../data/examine-dump.ts';
import { gitOf } from '../git/git-of.ts';
import { readRepository, summaryOf } from '../git/read-repository.ts';
import { findCommit } from '../git/resolve-commit.ts';
import { asActFailure } from '../kernel/act.ts';
import { readCheckpoint } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';
import { compareConfiguration } from './compare-configuration.ts';

/** Lists are cut here; the counts tell the whole. */
const listed = 50;

/** What differs now from the checkpoint: the first question of every incident. Each part is looked at for itself. */
export async function findChanges(room: Room): Promise<ChangesReport> {
  const checkpoint = readCheckpoint(room);
  const ref = room.target.repository.checkpoint;
  const commits = await looked(room, () => commitChanges(room, checkpoint));
  const data: RootChanges[] = [];
  for (const root of room.target.data) {
    room.progress(`compares ${root.name}`);
    const { name, kind } = root;
    data.push({ root: name, kind, changes: await looked(room, () => rootChanges(room, root, checkpoint)) });
  }
  return {
    kind: 'changes',
    at: new Date(room.world.now()).toISOString(),
    checkpoint: {
      id: checkpoint?.id ?? null,
      ref,
      commit: checkpoint?.commit ?? ('found' in commits ? commits.found.checkpoint : null),
      createdAt: checkpoint?.createdAt ?? null,
    },
    commits,
    images: await looked(room, () => imageChanges(room, checkpoint)),
    configuration: await looked(room, () => configurationChanges(room, checkpoint)),
    experiment: await looked(room, async () =>
      (await findSystems(room)).experiment
        .slice(0, listed)
        .map(({ facts }) => ({ name: facts.name, state: facts.state })),
    ),
    data,
  };
}

async function looked<T>(room: Room, look: () => Promise<T>): Promise<Looked<T>> {
  try {
    return { found: await look() };
  } catch (error) {
    room.signal.throwIfAborted();
    return { problem: asActFailure(error).message };
  }
}

async function commitChanges(
  room: Room,
  checkpoint: CheckpointRecord | null,
): Promise<CommitChanges & { readonly checkpoint: string }> {
  const git = await gitOf(room);
  const { checkpoint: ref } = room.target.repository;
  const commit = checkpoint?.commit ?? (await findCommit(git, ref))?.commit;
  if (commit === undefined) throw new Error(`${ref} is no tag, branch or commit of ${git.top}`);
  const state = await readRepository(git, commit, room.target);
  const { differing, sample } = summaryOf(state);
  const { head, branch, operation } = state;
  return { checkpoint: commit, head, branch, operation, differing, sample, ...(await history(git, commit)) };
}

async function history(git: Git, commit: string): Promise<Pick<CommitChanges, 'ahead' | 'behind' | 'list'>> {
  const counts = await git.text(['rev-list', '--left-right', '--count', `${commit}...HEAD`]);
  const [behind = 0, ahead = 0] = counts.split(/\s+/).map(Number);
  const format = '--format=%H%x09%cI%x09%s';
  const log = await git.text(['log', `--max-count=${listed}`, format, `${commit}..HEAD`]);
  const list = log.split('\n').flatMap((line) => {
    const [id = '', at = '', ...subject] = line.split('\t');
    return id === '' ? [] : [{ commit: id, at, subject: subject.join('\t').slice(0, 200) }];
  });
  return { ahead, behind, list };
}

async function imageChanges(room: Room, checkpoint: CheckpointRecord | null): Promise<readonly ImageChange[]> {
  const { containers, missing } = await findStable(room);
  const recordedOf = (service: string) => checkpoint?.images.find((held) => held.service === service)?.image ?? null;
  return [
    ...containers.map(({ service, facts }): ImageChange => {
      const recorded = recordedOf(service);
      const what = recorded === null ? 'not-recorded' : recorded === facts.image ? 'same' : 'other-image';
      return { service, recorded, now: facts.image, what, state: facts.state };
    }),
    ...missing.map(
      (service): ImageChange => ({
        service,
        recorded: recordedOf(service),
        now: null,
        what: 'no-container',
        state: null,
      }),
    ),
  ];
}

async function configurationChanges(room: Room, checkpoint: CheckpointRecord | null) {
  if (checkpoint === null) throw new Error('no checkpoint is recorded to compare with');
  const path = join(room.layout.checkpoint(checkpoint.id).dir, checkpoint.configuration.file);
  const recorded = readFileSync(path, 'utf8');
  if (createHash('sha256').update(recorded).digest('hex') !== checkpoint.configuration.sha256) {
    throw new Error(`the configuration in checkpoint ${checkpoint.id} was changed`);
  }
  const { text } = await room.world.compose.config(stackOf(room, room.target.stable), room.marker);
  return compareConfiguration(recorded, text).slice(0, listed);
}

async function rootChanges(room: Room, root: Room['target']['data'][number], checkpoint: CheckpointRecord | null) {
  const source = await checkpointCopyOf(room, checkpoint, root.name);
  if ('problem' in source) throw new Error(source.problem);
  if (root.kind === 'dump') {
    const { changes, reasons } = await examineDump(room, root, source);
    if (changes === null) throw new Error(reasons.join('; '));
    return { ...changes, days: [] };
  }
  const place = await locateRoot(room, root);
  if ('problem' in place) throw new Error(place.problem);
  const device = deviceOf(place.path);
  if (!isSameDevice(device, source.record.device)) {
    throw new Error(`its disk is not mounted: it lies on ${device}, the checkpoint's on ${source.record.device}`);
  }
  const scratch = join(room.rollback.planDir, 'found', root.name);
  ensureDir(scratch);
  return treeChanges(place.path, source.manifest, { scratch, exclude: excludedOf(root), signal: room.signal });
}
