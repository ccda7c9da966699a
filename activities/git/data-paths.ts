import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Target } from '../../target/schema.ts';
import { errorCode } from '../../vault/errors.ts';

/** Paths of the repository that belong to a data root: only the vault restores them (design §4.7). */
export interface DataPaths {
  /** Relative to the working tree's top; an empty one means that all of it is data. */
  readonly prefixes: readonly Buffer[];
  has(path: Buffer): boolean;
  /** A data root lies at this path or below it. */
  isBelow(path: Buffer): boolean;
}

/** Both the path as written and where it really leads count: a data root may be a tracked link. */
export function dataPathsOf(target: Pick<Target, 'data'>, top: string): DataPaths {
  const places = target.data.flatMap((root) => (root.kind === 'path' ? [resolve(root.path), realOf(root.path)] : []));
  const prefixes = [...new Set(places)].flatMap((place) => prefixesOf(top, place)).map((text) => Buffer.from(text));
  return {
    prefixes,
    has: (path) => prefixes.some((prefix) => startsWith(path, prefix)),
    isBelow: (path) => prefixes.some((prefix) => startsWith(prefix, path)),
  };
}

function prefixesOf(top: string, place: string): readonly string[] {
  const inside = relative(top, place);
  if (!leadsOut(inside)) return [inside];
  // The repository itself lies in the data root.
  return leadsOut(relative(place, top)) ? [] : [''];
}

/** A folder may be called `..data`. */
function leadsOut(path: string): boolean {
  return path === '..' || path.startsWith('../');
}

/** Where a path leads, or would lead if it were there: lost data belong to their root all the same. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    if ((code !== 'ENOENT' && code !== 'ENOTDIR') || path === dirname(path)) return resolve(path);
    return join(realOf(dirname(path)), basename(path));
  }
}

function startsWith(path: Buffer, prefix: Buffer): boolean {
  if (prefix.length === 0) return true;
  if (path.length < prefix.length || !path.subarray(0, prefix.length).equals(prefix)) return false;
  return path.length === prefix.length || path[prefix.length] === 0x2f;
}
