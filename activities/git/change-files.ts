import { closeSync, fsyncSync } from 'node:fs';
import { DirTree, isAbsent } from '../../vault/dir-tree.ts';
import { openForReading } from '../../vault/hash-file.ts';
import { splitPath } from '../../vault/path-text.ts';
import { AsideArea } from '../../vault/restore/aside-area.ts';
import type { Git } from '../adapters/git.ts';
import { failed } from '../adapters/git.ts';
import type { Room } from '../kernel/room.ts';
import { giveAside } from './aside-of-repository.ts';
import { keyOf, type PathChange } from './compare-tree.ts';
import { withIndexOf } from './private-index.ts';

/** Working files: what is in the way goes aside, then git writes the checkpoint's from its own index. */
export function changeFiles(
  room: Room,
  git: Git,
  job: { readonly commit: string; readonly aside: string; readonly changes: readonly PathChange[] },
): Promise<'done' | 'already'> {
  const detail = { commit: job.commit, paths: job.changes.length, aside: job.aside };
  return room.effect({ kind: 'checkout', target: git.top, recovery: 'do-again', detail }, async () => {
    moveAside(room, git, job);
    const paths = job.changes.filter(({ todo }) => todo === 'write').map(({ path }) => path);
    await writeFiles(room, git, { commit: job.commit, paths });
    return 'done';
  });
}

function moveAside(
  room: Room,
  git: Git,
  { aside, changes }: { readonly aside: string; readonly changes: readonly PathChange[] },
): void {
  const tree = new DirTree(git.top);
  const area = new AsideArea(aside, tree);
  const seen = new Set<string>();
  try {
    for (const { inTheWay, todo } of changes) {
      if (inTheWay === null || seen.has(keyOf(inTheWay.path))) continue;
      seen.add(keyOf(inTheWay.path));
      room.beforeEffect();
      const { path, bytes, untracked } = inTheWay;
      const why = todo === 'remove' ? 'not in the checkpoint' : untracked ? 'untracked and in the way' : 'replaced';
      area.keep({ path, bytes, why, how: 'move' });
      tree.sync(splitPath(path).folder);
    }
    room.beforeEffect();
    area.sync();
  } finally {
    area.close();
    tree.close();
  }
  giveAside(aside);
}

/** Attribute files first: they say how the others are written. */
async function writeFiles(
  room: Room,
  git: Git,
  { commit, paths }: { readonly commit: string; readonly paths: readonly Buffer[] },
): Promise<void> {
  const isAttributes = (path: Buffer) => splitPath(path).name.toString('latin1') === '.gitattributes';
  await withIndexOf(git, commit, async (index) => {
    for (const batch of [paths.filter(isAttributes), paths.filter((path) => !isAttributes(path))]) {
      if (batch.length === 0) continue;
      room.beforeEffect();
      const args = ['checkout-index', '--force', '--quiet', '-z', '--stdin'];
      const input = Buffer.concat(batch.flatMap((path) => [path, Buffer.from([0])]));
      const answer = await git.pipe(args, { index, input });
      if (answer.exitCode !== 0) throw failed(args, answer);
    }
  });
  syncFiles(room, git, paths);
}

/** Git makes its own files durable, the working files are ours to make so. */
function syncFiles(room: Room, git: Git, paths: readonly Buffer[]): void {
  const tree = new DirTree(git.top);
  const folders = new Set<string>();
  try {
    for (const path of paths) {
      room.signal.throwIfAborted();
      syncOne(tree, path);
      for (let { folder } = splitPath(path); !folders.has(keyOf(folder)); { folder } = splitPath(folder)) {
        folders.add(keyOf(folder));
      }
    }
    for (const folder of folders) tree.sync(Buffer.from(folder, 'latin1'));
  } finally {
    tree.close();
  }
}

function syncOne(tree: DirTree, path: Buffer): void {
  let fd: number;
  try {
    fd = openForReading(tree.at(path));
  } catch (error) {
    // A link: its folder is synced. What is not there at all shows when the tree is proven.
    if (isAbsent(error)) return;
    throw error;
  }
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
