import { lstatSync, readlinkSync } from 'node:fs';
import { DirTree, isAbsent } from '../dir-tree.ts';
import { hashFile } from '../hash-file.ts';
import { readManifest } from '../manifest/read.ts';
import { microsecondsOf } from '../mtime.ts';
import { isInside } from '../path-text.ts';
import type { Metadata } from '../place-entry.ts';
import { firstKept } from '../restore/aside-area.ts';

/** One place in which a rollback or an undo has kept content of a folder. */
export interface KeptSource {
  /** For people: `safety copy of agent`. */
  readonly name: string;
  /** Real path of the folder whose content it is. */
  readonly root: string;
  /** What lay in the folder; null where only a list of what was moved aside says so. */
  readonly manifest: string | null;
  /** A verified copy, or the aside area of a restore. */
  readonly place: { readonly kind: 'copy' | 'aside'; readonly dir: string };
}

/** A file or link that can be brought back. */
export interface KeptFile {
  /** Relative to the root. */
  readonly path: Buffer;
  readonly root: string;
  readonly from: string;
  /** Where its content lies. */
  readonly at: Buffer;
  readonly link: Buffer | null;
  /** null of a link. */
  readonly sha256: string | null;
  readonly metadata: Metadata;
}

/**
 * Everything a source has at a path or below it, in canonical order.
 * @param wanted relative to the source's root; empty means all of it
 */
export async function* keptBelow(source: KeptSource, wanted: Buffer): AsyncGenerator<KeptFile> {
  const places = source.place.kind === 'copy' ? null : firstKept(source.place.dir);
  if (source.manifest !== null) {
    for await (const entry of readManifest(source.manifest)) {
      const { path, type, link, sha256 } = entry;
      if (!isAtOrBelow(wanted, path) || (type !== 'file' && type !== 'symlink')) continue;
      const dir = places === null ? source.place.dir : places.get(path.toString('latin1'));
      // Of an aside area the manifest tells more than was moved there: the rest still lies where it was.
      if (dir === undefined) continue;
      yield { ...placed(source, dir, path), link: link ?? null, sha256: sha256 ?? null, metadata: entry };
    }
    return;
  }
  for (const [key, dir] of places ?? []) {
    const path = Buffer.from(key, 'latin1');
    const file = isAtOrBelow(wanted, path) ? await lookedAt(source, dir, path) : undefined;
    if (file !== undefined) yield file;
  }
}

function placed(source: KeptSource, dir: string, path: Buffer) {
  return { path, root: source.root, from: source.name, at: Buffer.concat([Buffer.from(`${dir}/`), path]) };
}

/** What no manifest describes is described by itself; gone again (an undo has put it back) it is no source. */
async function lookedAt(source: KeptSource, dir: string, path: Buffer): Promise<KeptFile | undefined> {
  let tree: DirTree;
  try {
    tree = new DirTree(dir);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  try {
    const stat = lstatSync(tree.at(path), { bigint: true, throwIfNoEntry: false });
    if (stat === undefined || !(stat.isFile() || stat.isSymbolicLink())) return undefined;
    const mtimeUs = microsecondsOf(stat.mtimeNs);
    const metadata = { mode: Number(stat.mode) & 0o7777, uid: Number(stat.uid), gid: Number(stat.gid), mtimeUs };
    const base = { ...placed(source, dir, path), metadata };
    if (stat.isSymbolicLink()) {
      return { ...base, link: readlinkSync(tree.at(path), { encoding: 'buffer' }), sha256: null };
    }
    return { ...base, link: null, sha256: (await hashFile(tree.at(path))).sha256 };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  } finally {
    tree.close();
  }
}

function isAtOrBelow(wanted: Buffer, path: Buffer): boolean {
  return wanted.length === 0 || path.equals(wanted) || isInside(wanted, path);
}
