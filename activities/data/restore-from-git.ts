import { restoreTree } from '../../vault/restore-tree.ts';
import { excludedOf } from '../checks/checks-of.ts';
import { gitOf } from '../git/git-of.ts';
import type { Room } from '../kernel/room.ts';
import type { FolderRestore, Restored } from './restore-data.ts';
import { restoredOf } from './restore-from-checkpoint.ts';
import { restoreJournalOf } from './restore-journal.ts';
import { withStagedFromGit } from './stage-from-git.ts';
import { progressTeller } from './tell-progress.ts';

/** From the commit: tracked files only. Git knows of no others, so what is new stays where it is. */
export async function restoreFromGit(room: Room, job: FolderRestore): Promise<Restored> {
  const { root, path, aside, plan } = job;
  const { commit } = plan.checkpoint;
  const git = await gitOf(room);
  const result = await withStagedFromGit(room, git, { root: root.name, commit, target: path }, (staged) =>
    restoreTree({
      copy: staged.folder,
      manifest: staged.manifest,
      target: path,
      rollbackId: room.input.rollbackId,
      mode: 'changed-only',
      exclude: excludedOf(root),
      asideDir: aside,
      createTarget: true,
      journal: restoreJournalOf(room, { root: root.name, source: 'git', target: path }),
      onProgress: progressTeller(room, root.name),
      signal: room.signal,
      beforeEffect: () => room.beforeEffect(),
    }),
  );
  return restoredOf(result, `commit ${commit.slice(0, 12)}`);
}
