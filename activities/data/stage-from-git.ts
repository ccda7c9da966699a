import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { DirTree, isAbsent } from '../../vault/dir-tree.ts';
import { readManifest } from '../../vault/manifest/read.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import { setHeld, setSymlink, withHeld } from '../../vault/place-entry.ts';
import type { Git } from '../adapters/git.ts';
import { failed } from '../adapters/git.ts';
import { withIndexOf, withOwnersFolder } from '../git/private-index.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import { prefixOf, trackedBelow } from './root-in-git.ts';

/** A data root's tracked files as the commit has them, written out as git itself writes them. */
export interface Staged {
  readonly folder: string;
  readonly manifest: string;
  readonly files: number;
}

/**
 * Writes a commit's files of one data root into a folder of ours, with line ends, modes and links as git would check
 * them out, and hands it with its manifest to `work`. The working tree and the real index are not touched.
 * @param target the root as it is now: what is the same there lends its owner and times, so that only what differs in
 *   content or mode shows as a difference
 * @throws ActFailure `refused` when the commit has nothing of this root
 */
export async function withStagedFromGit<T>(
  room: Room,
  git: Git,
  asked: { readonly root: string; readonly commit: string; readonly target: string },
  work: (staged: Staged) => Promise<T>,
): Promise<T> {
  const prefix = prefixOf(room, git, asked.root);
  const files = prefix === undefined ? [] : await trackedBelow(git, asked.commit, prefix);
  if (prefix === undefined || files.length === 0) {
    const id = asked.commit.slice(0, 12);
    throw new ActFailure('refused', `Commit ${id} has no file of ${asked.root}; its data were not touched.`);
  }
  return withOwnersFolder(git, async (scratch) => {
    const stage = join(scratch, 'stage');
    await withIndexOf(git, asked.commit, async (index) => {
      const args = ['checkout-index', '--force', '--quiet', `--prefix=${stage}/`, '-z', '--stdin'];
      const input = Buffer.concat(files.flatMap(({ path }) => [path, Buffer.from([0])]));
      const answer = await git.pipe(args, { index, input });
      if (answer.exitCode !== 0) throw failed(args, answer);
    });
    const folder = prefix.length === 0 ? stage : join(stage, prefix.toString('utf8'));
    await takeOverMetadata(folder, asked.target, join(scratch, 'first.jsonl'));
    const manifest = join(scratch, 'stage.jsonl');
    await writeManifest(folder, manifest, { signal: room.signal });
    return work({ folder, manifest, files: files.length });
  });
}

/** Git keeps neither owner nor time, nor more of the mode than one bit: what the present file has stands. */
async function takeOverMetadata(folder: string, target: string, scratch: string): Promise<void> {
  await writeManifest(folder, scratch);
  if (lstatSync(target, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  const [staged, now] = [new DirTree(folder), new DirTree(target)];
  try {
    const folders: Buffer[] = [];
    for await (const { path, type } of readManifest(scratch)) {
      if (type === 'dir') folders.push(path);
      else lend(staged, now, path);
    }
    // Bottom up: a folder's time changes with what is done inside.
    for (const path of folders.reverse()) lend(staged, now, path);
  } finally {
    staged.close();
    now.close();
  }
}

function lend(staged: DirTree, now: DirTree, path: Buffer): void {
  const [from, to] = [statOf(now, path), statOf(staged, path)];
  if (from === undefined || to === undefined || from.fileType !== to.fileType) return;
  const executable = to.fileType === 'file' && (from.mode & 0o100) !== (to.mode & 0o100);
  const mode = executable ? to.mode : from.mode;
  const metadata = { mode, uid: from.uid, gid: from.gid, mtimeUs: from.mtimeUs };
  if (to.fileType === 'symlink') setSymlink(staged.at(path), metadata);
  else if (to.fileType === 'dir') setHeld(staged.folder(path), metadata);
  else withHeld(staged.at(path), (held) => setHeld(held, metadata));
}

function statOf(tree: DirTree, path: Buffer) {
  try {
    const at = path.length === 0 ? Buffer.concat([tree.folder(path), Buffer.from('/.')]) : tree.at(path);
    const stat = lstatSync(at, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    const fileType = stat.isDirectory() ? 'dir' : stat.isSymbolicLink() ? 'symlink' : stat.isFile() ? 'file' : 'other';
    return {
      fileType,
      mode: Number(stat.mode) & 0o7777,
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      mtimeUs: Number(stat.mtimeNs / 1000n),
    };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
