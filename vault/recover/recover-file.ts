import { lstatSync, readlinkSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DirTree, isAbsent } from '../dir-tree.ts';
import { splitPath } from '../path-text.ts';
import { placeSymlink } from '../place-entry.ts';
import { AsideArea } from '../restore/aside-area.ts';
import { restoreFile } from '../restore-file.ts';
import type { KeptFile } from './kept-sources.ts';

/**
 * Brings one kept file or link back, to its place or into another folder: staged, verified by its hash, renamed; what is
 * there now is moved aside. What was kept is read and stays.
 * @param into real path of the folder that must not be left
 * @throws SourceRefused when what was kept is not what was recorded; nothing was changed then
 */
export async function recoverFile(
  file: KeptFile,
  to: {
    readonly into: string;
    readonly path: Buffer;
    readonly asideDir: string;
    readonly signal?: AbortSignal | undefined;
    readonly beforeEffect: () => void;
  },
): Promise<'done' | 'already-done'> {
  const { into, path, asideDir, signal, beforeEffect } = to;
  if (file.link !== null) return recoverLink(file, file.link, to);
  const { kind } = await restoreFile({
    source: file.at,
    expectedSha256: file.sha256 ?? '',
    root: into,
    path,
    asideDir,
    metadata: file.metadata,
    // That it was empty is recorded.
    allowEmpty: true,
    companions: [],
    signal,
    beforeEffect,
  });
  return kind;
}

function recoverLink(
  { metadata }: KeptFile,
  link: Buffer,
  to: Pick<Parameters<typeof recoverFile>[1], 'into' | 'path' | 'asideDir' | 'beforeEffect'>,
): 'done' | 'already-done' {
  const tree = new DirTree(to.into);
  const aside = new AsideArea(to.asideDir, tree);
  try {
    if (linkAt(tree, to.path)?.equals(link) === true) return 'already-done';
    to.beforeEffect();
    tree.makeFolders(splitPath(to.path).folder);
    const bytes = lstatSync(tree.at(to.path), { throwIfNoEntry: false })?.size;
    if (bytes !== undefined) aside.keep({ path: to.path, bytes, why: 'replaced by what is recovered', how: 'move' });
    aside.sync();
    const staged = Buffer.from(join(to.asideDir, `.link-${process.pid}`));
    placeSymlink(staged, link, metadata);
    to.beforeEffect();
    renameSync(staged, tree.at(to.path));
    tree.sync(splitPath(to.path).folder);
    return 'done';
  } finally {
    aside.close();
    tree.close();
  }
}

function linkAt(tree: DirTree, path: Buffer): Buffer | undefined {
  try {
    const at = tree.at(path);
    return lstatSync(at).isSymbolicLink() ? readlinkSync(at, { encoding: 'buffer' }) : undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
