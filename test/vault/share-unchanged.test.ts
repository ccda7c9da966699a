import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CopyOptions, copyTree } from '../../vault/copy-tree.ts';
import { readManifest } from '../../vault/manifest/read.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import { microsecondsOf, settableTime } from '../../vault/mtime.ts';
import { restoreTree } from '../../vault/restore-tree.ts';
import { bytesIn, disturb, hostileNames, makeAgentTree, scratch, unfenced } from './fixtures.ts';

/** A source with a first copy of it. */
async function copiedOnce() {
  const folder = scratch();
  const source = join(folder, 'source');
  const [first, second] = [join(folder, 'first/data'), join(folder, 'second/data')];
  mkdirSync(source);
  makeAgentTree(source);
  const manifest = join(folder, 'first.jsonl');
  await copyTree(source, first, { manifest, beforeEffect: unfenced });
  const options: CopyOptions = {
    manifest: join(folder, 'second.jsonl'),
    share: { manifest, copy: first },
    beforeEffect: unfenced,
  };
  const hashOf = async (tree: string) => (await writeManifest(tree, join(folder, 'look.jsonl'))).rootHash;
  return { folder, source, first, second, manifest, options, hashOf };
}

const inode = (path: string | Buffer) => statSync(path).ino;

test('a second copy lends every unchanged file from the first, and both are what was copied', async () => {
  const { source, first, second, manifest, options, hashOf } = await copiedOnce();
  const before = await hashOf(first);
  disturb(source);
  const { manifest: now, shared, earlierDamaged } = await copyTree(source, second, options);
  expect(earlierDamaged).toBe(false);

  const untouched = ['a-b', 'skills/skill-1.json', 'skills/skill-11.json'];
  for (const name of untouched) expect(inode(join(second, name))).toBe(inode(join(first, name)));
  for (const name of hostileNames.slice(5)) expect(inode(bytesIn(second, name))).toBe(inode(bytesIn(first, name)));
  for (const name of ['skills/skill-0.json', 'skills/deep/er/big.bin', 'tool', 'zz hard link'])
    expect(statSync(join(second, name)).nlink).toBe(1);
  let files = 0;
  for await (const { path, type } of readManifest(manifest)) {
    if (type === 'file' && statSync(bytesIn(first, path)).nlink === 2 && path.toString() !== 'zz hard link') files += 1;
  }
  // The pair of hard links has two names in the first copy alone.
  expect(shared.files).toBe(files - 1);

  expect(await hashOf(second)).toBe(now.rootHash);
  expect(await hashOf(source)).toBe(now.rootHash);
  expect(await hashOf(first)).toBe(before);
});

test('what has hard links or extended attributes of its own is never lent', async () => {
  const { source, second, options } = await copiedOnce();
  await copyTree(source, second, options);
  expect(statSync(join(second, 'skills/skill-2.json')).nlink).toBe(2);
  expect(inode(join(second, 'skills/skill-2.json'))).toBe(inode(join(second, 'zz hard link')));
  expect(statSync(join(second, 'skills/skill-4.json')).nlink).toBe(1);
});

test('a first copy that was damaged in the meantime lends nothing: the second is whole', async () => {
  const { source, first, second, options, hashOf } = await copiedOnce();
  const damaged = join(first, 'skills/skill-7.json');
  // A bit that rots changes neither size nor time.
  const time = settableTime(microsecondsOf(statSync(damaged, { bigint: true }).mtimeNs));
  writeFileSync(damaged, '{"id":8}');
  utimesSync(damaged, time, time);
  const { shared, earlierDamaged } = await copyTree(source, second, options);
  expect(earlierDamaged).toBe(true);
  expect(shared.files).toBe(0);
  expect(readFileSync(join(second, 'skills/skill-7.json'), 'utf8')).toBe('{"id":7}');
  expect(await hashOf(second)).toBe(await hashOf(source));
});

test('a first copy that is gone lends nothing', async () => {
  const { source, first, second, options, hashOf } = await copiedOnce();
  rmSync(first, { recursive: true });
  expect((await copyTree(source, second, options)).shared.files).toBe(0);
  expect(await hashOf(second)).toBe(await hashOf(source));
});

test('a restore from the second copy and its removal leave the first as it was', async () => {
  const { folder, source, first, second, options, hashOf } = await copiedOnce();
  const before = await hashOf(first);
  const { manifest } = await copyTree(source, second, options);
  disturb(source);
  await restoreTree({
    copy: second,
    manifest: manifest.path,
    rootHash: manifest.rootHash,
    target: source,
    rollbackId: 'r-1',
    mode: 'whole',
    asideDir: join(folder, 'aside'),
    beforeEffect: unfenced,
  });
  writeFileSync(join(source, 'a-b'), 'written after the restore');
  rmSync(second, { recursive: true });
  expect(await hashOf(first)).toBe(before);
});
