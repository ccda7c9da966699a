import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';

/** The data roots of a practice system by name. */
async function rootsOf({ docker, names, paths }: Lab): Promise<readonly (readonly [string, string])[]> {
  const { Mountpoint } = await docker.getVolume(names.volume).inspect();
  return [
    ['agent', paths.agent],
    ['gemini', paths.gemini],
    ['store', Mountpoint],
  ];
}

/**
 * One hash of all data: names, contents, links, and which files may be run. The folder of the practice system, which
 * is another each time, counts as a word.
 */
export async function rootHash(lab: Lab): Promise<string> {
  const hash = createHash('sha256');
  for (const [name, folder] of await rootsOf(lab)) {
    for (const line of linesOf(folder, name)) hash.update(`${line.replaceAll(lab.folder, '<lab>')}\n`);
  }
  return hash.digest('hex');
}

function linesOf(folder: string, shown: string): readonly string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const as = JSON.stringify(`${shown}/${name}`);
      const stat = lstatSync(path);
      if (stat.isSymbolicLink()) return [`${as} -> ${readlinkSync(path)}`];
      if (stat.isDirectory()) return [as, ...linesOf(path, `${shown}/${name}`)];
      const content = createHash('sha256').update(readFileSync(path)).digest('hex');
      return [`${as} ${stat.mode & 0o111} ${content}`];
    });
}
