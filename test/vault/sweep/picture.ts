import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A tree as the kernel tells it, read without any code of the vault: what is looked at must not look at itself. */
export interface Picture {
  /** Relative path as latin1 → type, mode, owner, time in microseconds, content or link, number of names. */
  readonly entries: ReadonlyMap<string, string>;
  /** Hashes of all file contents, and the targets of all links. */
  readonly contents: ReadonlySet<string>;
}

export interface PictureOptions {
  /** Times of folders change with each name in them: some operations leave them to whoever writes there. */
  readonly folderTimes?: boolean;
}

export function pictureOf(root: string, options: PictureOptions = {}): Picture {
  const entries = new Map<string, string>();
  const contents = new Set<string>();
  const look = (path: string): void => {
    const at = Buffer.from(path === '' ? root : `${root}/${path}`, 'latin1');
    const stat = lstatSync(at, { bigint: true });
    const folder = stat.isDirectory();
    const content = stat.isFile()
      ? createHash('sha256').update(readFileSync(at)).digest('hex')
      : stat.isSymbolicLink()
        ? `link ${readlinkSync(at, 'latin1')}`
        : '';
    if (content !== '') contents.add(content);
    const time = folder && options.folderTimes === false ? '' : String(stat.mtimeNs / 1000n);
    const names = folder ? '' : String(stat.nlink);
    entries.set(path, [stat.mode.toString(8), stat.uid, stat.gid, time, names, content].join(' '));
    if (!folder) return;
    for (const name of readdirSync(at, 'latin1').sort()) look(path === '' ? name : `${path}/${name}`);
  };
  if (lstatSync(root, { throwIfNoEntry: false }) !== undefined) look('');
  return { entries, contents };
}

/** Where two pictures differ, in words; empty when they are the same. The first few of many. */
export function differencesOf(should: Picture, is: Picture): string[] {
  const paths = [...new Set([...should.entries.keys(), ...is.entries.keys()])].sort();
  return paths
    .filter((path) => should.entries.get(path) !== is.entries.get(path))
    .map(
      (path) =>
        `${JSON.stringify(path)}: ${is.entries.get(path) ?? 'absent'}, not ${should.entries.get(path) ?? 'absent'}`,
    )
    .slice(0, 5);
}
