import { createHash } from 'node:crypto';
import { readManifest } from './manifest/read.ts';

/**
 * One hash for the names and contents of all files of a manifest, in a form that a shell can make of a folder:
 * `find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum -z | sha256sum`. Every name is held in memory.
 */
export async function sumsDigest(manifest: string): Promise<string> {
  const files: { readonly path: Buffer; readonly sha256: string }[] = [];
  for await (const { type, path, sha256 } of readManifest(manifest)) {
    if (type === 'file' && sha256 !== undefined) files.push({ path, sha256 });
  }
  const hash = createHash('sha256');
  for (const { path, sha256 } of files.sort((a, b) => Buffer.compare(a.path, b.path))) {
    hash.update(`${sha256}  ./`).update(path).update('\0');
  }
  return hash.digest('hex');
}
