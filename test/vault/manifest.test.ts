import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DirTree } from '../../vault/dir-tree.ts';
import { ManifestDamaged } from '../../vault/errors.ts';
import { compareManifests, compareSummary } from '../../vault/manifest/compare.ts';
import type { ManifestEntry } from '../../vault/manifest/entry.ts';
import { checkManifest, readManifest } from '../../vault/manifest/read.ts';
import { walkTree } from '../../vault/manifest/walk.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import { showPath } from '../../vault/path-text.ts';
import { bytesIn, collect, hostileNames, makeAgentTree, scratch } from './fixtures.ts';
import { awkwardName } from './names.ts';

async function entriesOf(manifest: string): Promise<ManifestEntry[]> {
  return collect(readManifest(manifest));
}

/** A tree of its own with the folder for its manifests beside it. */
function place(): { readonly root: string; readonly manifest: (name: string) => string } {
  const folder = scratch();
  mkdirSync(join(folder, 'tree'));
  return { root: join(folder, 'tree'), manifest: (name) => join(folder, 'manifests', `${name}.jsonl`) };
}

describe('any name that Linux allows', () => {
  test('is recorded byte for byte with its content, in canonical order, and shown without controls', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(awkwardName, { maxLength: 8, selector: (n) => n.toString('latin1') }),
        async (names) => {
          const { root, manifest } = place();
          for (const name of names) writeFileSync(bytesIn(root, name), name);
          await writeManifest(root, manifest('m'));
          const entries = (await entriesOf(manifest('m'))).slice(1);
          expect(entries.map(({ path }) => path.toString('hex'))).toEqual(
            [...names].sort(Buffer.compare).map((name) => name.toString('hex')),
          );
          for (const { path, size } of entries) {
            expect(size).toBe(path.length);
            expect(showPath(path)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('the root hash is the same whatever order the tree was made in, and wherever it lies', async () => {
  const names = [
    ...hostileNames,
    Buffer.from('a'),
    Buffer.from('a-b'),
    Buffer.from('folder/inside'),
    Buffer.from('folder-'),
  ];
  const hashes = new Set<string>();
  for (const order of [names, names.toReversed(), [...names.slice(5), ...names.slice(0, 5)]]) {
    const { root, manifest } = place();
    mkdirSync(join(root, 'folder'));
    for (const name of order) {
      writeFileSync(bytesIn(root, name), name);
      utimesSync(bytesIn(root, name), 1_700_000_000, 1_700_000_000);
    }
    // Which of two names comes first in the order is the first of the hard link, not which was made first.
    if (order === names) linkSync(join(root, 'a'), join(root, 'z'));
    else {
      linkSync(join(root, 'a'), join(root, 'z'));
      rmSync(join(root, 'a'));
      linkSync(join(root, 'z'), join(root, 'a'));
    }
    for (const folder of ['folder', '.']) utimesSync(join(root, folder), 1_700_000_000, 1_700_000_000);
    hashes.add((await writeManifest(root, manifest('m'))).rootHash);
  }
  expect(hashes.size).toBe(1);
});

test('every kind of thing is recorded as what it is; no link is followed', async () => {
  const { root, manifest } = place();
  makeAgentTree(root);
  spawnSync('mkfifo', [join(root, 'pipe')]);
  const summary = await writeManifest(root, manifest('m'));
  const byName = new Map((await entriesOf(manifest('m'))).map((entry) => [entry.path.toString(), entry]));
  expect(byName.get('absolute link')).toMatchObject({ type: 'symlink', link: Buffer.from('/etc/hostname') });
  expect(byName.get('relative link')).toMatchObject({ type: 'symlink', link: Buffer.from('skills/skill-1.json') });
  expect(byName.get('loop')).toMatchObject({ type: 'symlink', link: Buffer.from('loop') });
  expect(byName.get('dangling')?.mtimeUs).toBe(1_600_000_000_250_000);
  expect(byName.get('skills/deep/up')).toMatchObject({ type: 'symlink', link: Buffer.from('../..') });
  expect(byName.get('empty folder')).toMatchObject({ type: 'dir', size: 0 });
  expect(byName.get('tool')).toMatchObject({ mode: 0o4755 });
  expect(byName.get('pipe')).toMatchObject({ type: 'fifo' });
  expect(byName.get('zz hard link')).toMatchObject({ sameAs: Buffer.from('skills/skill-2.json') });
  expect(byName.get('skills/skill-2.json')).not.toHaveProperty('sameAs');
  expect(byName.get('skills/skill-4.json')?.xattrs).toEqual([['user.origin', Buffer.from('a\nb').toString('base64')]]);
  const sum = spawnSync('sha256sum', [join(root, 'skills/deep/er/big.bin')])
    .stdout.toString()
    .slice(0, 64);
  expect(byName.get('skills/deep/er/big.bin')).toMatchObject({ size: 400_000, sha256: sum });
  expect(summary).toMatchObject({ unreadable: 0, changing: 0, xattrs: 'read' });
  expect(summary.entries).toBe(byName.size);
});

test('extended attributes are read under every awkward name', async () => {
  const { root, manifest } = place();
  for (const name of hostileNames) {
    const path = bytesIn(root, name);
    writeFileSync(path, 'x');
    // The shell gets the name from its input: as an argument it would have to be text.
    spawnSync('xargs', ['-0', 'setfattr', '-n', 'user.a=b', '-v', 'v'], { input: path });
  }
  await writeManifest(root, manifest('m'));
  const files = (await entriesOf(manifest('m'))).slice(1);
  expect(files).toHaveLength(hostileNames.length);
  for (const { path, xattrs } of files) {
    expect(xattrs, showPath(path)).toEqual([['user.a=b', Buffer.from('v').toString('base64')]]);
  }
});

/** What is done to one file of a tree, and how the comparison must name it. */
const changes: readonly [what: string, expected: string, change: (root: string) => void][] = [
  ['a file that is gone', 'missing file', (root) => rmSync(join(root, 'file'))],
  ['a new file', 'extra new', (root) => writeFileSync(join(root, 'new'), '')],
  ['other content of the same length and time', 'content file', (root) => writeFileSync(join(root, 'file'), 'CONTENT')],
  ['another target of a link', 'content link', relink],
  ['a link in place of a file', 'type file', (root) => replace(root, () => symlinkSync('link', join(root, 'file')))],
  ['a folder in place of a file', 'type file', (root) => replace(root, () => mkdirSync(join(root, 'file')))],
  ['another mode', 'metadata file mode', (root) => chmodSync(join(root, 'file'), 0o600)],
  ['another time', 'metadata file mtime', (root) => utimesSync(join(root, 'file'), 1, 1)],
  ['a second name outside the order', 'metadata two hardlink', (root) => untie(join(root, 'two'))],
  [
    'an extended attribute',
    'metadata file xattrs',
    (root) => spawnSync('setfattr', ['-n', 'user.x', join(root, 'file')]),
  ],
  ['another mode of a folder', 'metadata folder mode', (root) => chmodSync(join(root, 'folder'), 0o700)],
];

function relink(root: string): void {
  rmSync(join(root, 'link'));
  symlinkSync('elsewhere', join(root, 'link'));
}

function replace(root: string, make: () => void): void {
  rmSync(join(root, 'file'));
  make();
}

function untie(file: string): void {
  const content = readFileSync(file);
  rmSync(file);
  writeFileSync(file, content);
}

/** Times of all but what is meant to differ are set to one moment. */
function settle(root: string, keep: readonly string[] = []): void {
  for (const name of ['file', 'link', 'one', 'two', 'folder', '.']) {
    if (keep.includes(name)) continue;
    try {
      lutimesSync(join(root, name), 1_700_000_000, 1_700_000_000);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
}

describe('the comparison names', () => {
  test.each(changes)('%s', async (what, expected, change) => {
    const { root, manifest } = place();
    writeFileSync(join(root, 'file'), 'content');
    symlinkSync('file', join(root, 'link'));
    writeFileSync(join(root, 'one'), 'hard');
    linkSync(join(root, 'one'), join(root, 'two'));
    mkdirSync(join(root, 'folder'));
    settle(root);
    await writeManifest(root, manifest('a'));
    change(root);
    settle(root, what === 'another time' ? ['file'] : []);
    await writeManifest(root, manifest('b'));
    const found: string[] = [];
    for await (const { kind, path, fields } of compareManifests(manifest('a'), manifest('b'))) {
      found.push([kind, showPath(path), ...fields].join(' '));
    }
    expect(found).toEqual([expected]);
    const { equal, differing, missing, extra, metadataOnly } = await compareSummary(manifest('a'), manifest('b'));
    expect([differing + missing + extra + metadataOnly, equal]).toEqual([1, expected.startsWith('extra') ? 6 : 5]);
  });
});

test('attributes that could not be read on one side are no difference: they are not known', async () => {
  const { root, manifest } = place();
  writeFileSync(join(root, 'file'), 'content');
  spawnSync('setfattr', ['-n', 'user.x', '-v', '1', join(root, 'file')]);
  await writeManifest(root, manifest('read'));
  const path = process.env['PATH'];
  try {
    process.env['PATH'] = '/nowhere';
    expect((await writeManifest(root, manifest('unread'))).xattrs).toBe('unread');
  } finally {
    process.env['PATH'] = path;
  }
  for (const [a, b] of [
    ['read', 'unread'],
    ['unread', 'read'],
  ] as const) {
    expect(await compareSummary(manifest(a), manifest(b))).toMatchObject({ equal: 2, metadataOnly: 0 });
  }
});

test('times before 1970 are recorded as they are', async () => {
  const { root, manifest } = place();
  writeFileSync(join(root, 'old'), '');
  spawnSync('touch', ['-d', '1969-12-31 23:59:58.5000003 UTC', join(root, 'old')]);
  await writeManifest(root, manifest('m'));
  expect((await entriesOf(manifest('m')))[1]?.mtimeUs).toBe(-1_500_000);
});

test('what is excluded is not there, with all that is in it', async () => {
  const { root, manifest } = place();
  makeAgentTree(root);
  await writeManifest(root, manifest('m'), { exclude: ['/skills/deep', 'skill-?.json', '*.backup', 'empty folder/'] });
  const paths = (await entriesOf(manifest('m'))).map(({ path }) => path.toString());
  expect(paths.filter((path) => /deep|skill-\d\.json|backup|empty/.test(path))).toEqual([]);
  expect(paths).toContain('skills/skill-10.json');
});

test('a folder that vanishes during the walk is left out, not called unreadable', async () => {
  const { root } = place();
  mkdirSync(join(root, 'a'));
  mkdirSync(join(root, 'b'));
  /** Somebody removes `a` right after it was looked at. */
  class Vanishing extends DirTree {
    override folder(path: Buffer): Buffer {
      if (path.toString() === 'a') rmdirSync(join(root, 'a'));
      return super.folder(path);
    }
  }
  const tree = new Vanishing(root);
  try {
    const walked = await collect(walkTree(tree, { exclude: () => false, mounts: [] }));
    expect(walked.map(({ entry }) => [entry.path.toString(), entry.unreadable])).toEqual([
      ['', undefined],
      ['b', undefined],
    ]);
  } finally {
    tree.close();
  }
});

test('a manifest that was changed, cut off or extended anywhere is refused', async () => {
  const { root, manifest } = place();
  writeFileSync(join(root, 'one'), '1');
  writeFileSync(join(root, 'two'), '2');
  const { rootHash } = await writeManifest(root, manifest('m'));
  expect((await checkManifest(manifest('m'))).rootHash).toBe(rootHash);
  const good = readFileSync(manifest('m'), 'utf8');
  const lines = good.split('\n');
  const bad: readonly string[] = [
    '',
    good.slice(0, -20),
    lines.filter((_, index) => index !== 2).join('\n'),
    [lines[0], lines[1], lines[3], lines[2], ...lines.slice(4)].join('\n'),
    good.replace('"size":1', '"size":2'),
    `${good}${lines[2]}\n`,
    lines.slice(0, -2).join('\n'),
    good.replace('"manifest":1', '"manifest":2'),
  ];
  for (const text of bad) {
    writeFileSync(manifest('m'), text);
    await expect(checkManifest(manifest('m')), text).rejects.toThrow(ManifestDamaged);
  }
});
