import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CopyOptions, copyTree } from '../../vault/copy-tree.ts';
import { Refused, SourceRefused, VerifyFailed } from '../../vault/errors.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import { compiledChildren } from './compiled.ts';
import { disturb, makeAgentTree, scratch, unfenced } from './fixtures.ts';

const child = compiledChildren();

function place(make: (root: string) => void = makeAgentTree) {
  const folder = scratch();
  const source = join(folder, 'source');
  mkdirSync(source);
  make(source);
  const into = join(folder, 'copies');
  const options: CopyOptions = { manifest: join(folder, 'source.jsonl'), beforeEffect: unfenced };
  return { folder, source, into, destination: join(into, 'data'), options };
}

test('the copy is the source to the last bit of metadata, and says so by hash', async () => {
  const { folder, source, destination, options } = place();
  const { manifest, verified, metadataLost } = await copyTree(source, destination, options);
  expect(verified).toMatchObject({ differing: 0, missing: 0, extra: 0, metadataOnly: 0 });
  expect(metadataLost).toBe(0);
  expect((await writeManifest(destination, join(folder, 'copy.jsonl'))).rootHash).toBe(manifest.rootHash);
  expect((await writeManifest(source, join(folder, 'again.jsonl'))).rootHash).toBe(manifest.rootHash);
});

test('what no copy can hold is named', async () => {
  const { source, destination, options } = place();
  spawnSync('mkfifo', [join(source, 'skills', 'pipe')]);
  expect((await copyTree(source, destination, options)).notCopied).toEqual(['skills/pipe (fifo)']);
});

test.each([
  ['changes', (source: string) => writeFileSync(join(source, 'skills/skill-9.json'), '{"id":"during"}')],
  ['disappears', (source: string) => rmSync(join(source, 'skills/skill-9.json'))],
])('a source in which a file %s during the copy gives no copy, and nothing half-done', async (_, change) => {
  const { source, into, destination, options } = place();
  let calls = 0;
  const during = () => {
    calls += 1;
    if (calls === 3) change(source);
  };
  await expect(copyTree(source, destination, { ...options, beforeEffect: during })).rejects.toThrow();
  expect(readdirSync(into)).toEqual([]);
});

test('a source that is not as expected is refused with what differs', async () => {
  const { folder, source, into, destination, options } = place();
  const expected = join(folder, 'expected.jsonl');
  await writeManifest(source, expected);
  disturb(source);
  const copying = copyTree(source, destination, { ...options, expected });
  await expect(copying).rejects.toThrow(SourceRefused);
  await expect(copying).rejects.toMatchObject({
    problems: expect.arrayContaining([{ path: 'skills/skill-0.json', reason: 'content' }]),
  });
  expect(readdirSync(into)).toEqual([]);
});

test('an existing destination is never written into', async () => {
  const { source, destination, options } = place();
  mkdirSync(destination, { recursive: true });
  await expect(copyTree(source, destination, options)).rejects.toThrow(Refused);
  expect(readdirSync(destination)).toEqual([]);
});

test('somebody who writes into the copy before it is proven is found', async () => {
  const { source, into, destination, options } = place((root) => writeFileSync(join(root, 'a'), 'a'));
  mkdirSync(into);
  const meddle = () => {
    const partial = readdirSync(into, { withFileTypes: true }).find((entry) => entry.isDirectory());
    if (partial !== undefined) writeFileSync(join(into, partial.name, 'foreign'), 'x');
  };
  await expect(copyTree(source, destination, { ...options, beforeEffect: meddle })).rejects.toThrow(VerifyFailed);
  expect(readdirSync(into)).toEqual([]);
});

test('leftovers of a killed attempt are removed, those of a destination with a longer name are not', async () => {
  const { source, into, destination, options } = place();
  for (const name of ['.partial-data-12-345', '.partial-data-2-12-345', '.partial-data-logs-12-345', 'other']) {
    mkdirSync(join(into, name, 'x'), { recursive: true });
  }
  writeFileSync(join(into, '.partial-data-12-345.manifest'), '');
  await copyTree(source, destination, options);
  expect(readdirSync(into).sort()).toEqual(['.partial-data-2-12-345', '.partial-data-logs-12-345', 'data', 'other']);
});

test('a disk that is full in mid-copy leaves nothing half-done on it', () => {
  const { folder, source, into, destination, options } = place();
  mkdirSync(into);
  // A mount of its own namespace: it is gone with the process, whatever happens. The names run out, not the bytes.
  const script = 'mount -t tmpfs -o size=64m,nr_inodes=14 tmpfs "$1" && shift && exec "$@"';
  const program = [process.execPath, child('copy'), source, destination, options.manifest];
  const unshare = process.getuid?.() === 0 ? ['-m'] : ['-rm'];
  const run = spawnSync('unshare', [...unshare, 'sh', '-c', script, 'sh', into, ...program], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  expect(JSON.parse(run.stdout)).toEqual({ outcome: 'ENOSPC', left: [] });
  expect(readdirSync(folder).sort()).toEqual(['copies', 'source', 'source.jsonl']);
});
