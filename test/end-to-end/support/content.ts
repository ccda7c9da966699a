import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Every file and link below some folders, by path; `.git` is git's own and is proven by its refs. */
export function contentOf(folders: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const folder of folders) walk(folder, found);
  return found;
}

function walk(folder: string, found: Map<string, string>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== '.git') walk(path, found);
    if (entry.isFile()) found.set(path, hashOf(path));
    if (entry.isSymbolicLink()) found.set(path, `-> ${readlinkSync(path)}`);
  }
}

/** Paths whose content is neither where it was nor anywhere below `kept`: what is lost. */
export function lostOf(before: ReadonlyMap<string, string>, kept: readonly string[]): readonly string[] {
  const elsewhere = new Set<string>();
  for (const folder of kept) collectHashes(folder, elsewhere);
  return [...before].filter(([path, hash]) => contentAt(path) !== hash && !elsewhere.has(hash)).map(([path]) => path);
}

function collectHashes(folder: string, into: Set<string>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) collectHashes(path, into);
    if (entry.isFile()) into.add(hashOf(path));
    if (entry.isSymbolicLink()) into.add(`-> ${readlinkSync(path)}`);
  }
}

function contentAt(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return hashOf(path);
  return stat?.isSymbolicLink() ? `-> ${readlinkSync(path)}` : undefined;
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
