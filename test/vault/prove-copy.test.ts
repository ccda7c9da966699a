import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyTree } from '../../vault/copy-tree.ts';
import { isSound, proveCopy } from '../../vault/prove-copy.ts';
import { disturb, makeAgentTree, scratch, unfenced } from './fixtures.ts';

async function copied() {
  const folder = scratch();
  const [source, copy, manifest] = ['source', 'copies/data', 'manifest.jsonl'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(source);
  makeAgentTree(source);
  const { manifest: made } = await copyTree(source, copy, { manifest, beforeEffect: unfenced });
  const own = join(folder, 'own');
  mkdirSync(own);
  return { folder, copy, manifest, own, recorded: { copy, manifest, rootHash: made.rootHash }, made };
}

test('a copy as it was made is sound, and nothing is left or written', async () => {
  const { folder, own, recorded, made } = await copied();
  const listed = () => [folder, own, join(folder, 'copies')].map((dir) => readdirSync(dir).sort());
  const before = listed();
  const proof = await proveCopy(recorded, { scratch: own });
  expect(proof).toMatchObject({
    equal: made.entries,
    differing: 0,
    missing: 0,
    extra: 0,
    metadataOnly: 0,
    problems: [],
  });
  expect(proof.compared).toBe(proof.equal);
  expect(isSound(proof)).toBe(true);
  expect(listed()).toEqual(before);
});

test('one flipped byte, a lost file and a foreign one are named', async () => {
  const { copy, own, recorded } = await copied();
  const flipped = readFileSync(join(copy, 'skills/deep/er/big.bin'));
  flipped[200_000] = (flipped[200_000] ?? 0) ^ 1;
  writeFileSync(join(copy, 'skills/deep/er/big.bin'), flipped);
  rmSync(join(copy, 'zero'));
  writeFileSync(join(copy, 'foreign'), '');
  chmodSync(join(copy, 'a-b'), 0o600);
  const proof = await proveCopy(recorded, { scratch: own });
  expect(proof).toMatchObject({ differing: 1, missing: 1, extra: 1 });
  expect(proof.compared).toBe(proof.equal + 3);
  expect(proof.metadataOnly).toBeGreaterThanOrEqual(1);
  expect(proof.problems).toEqual([
    { path: 'foreign', reason: 'extra' },
    { path: 'skills/deep/er/big.bin', reason: 'content' },
    { path: 'zero', reason: 'missing' },
  ]);
  expect(isSound(proof)).toBe(false);
});

test.each([
  [
    'was changed',
    (manifest: string) => writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"a-b"', '"a-c"')),
  ],
  ['is gone', (manifest: string) => rmSync(manifest)],
])('a manifest that %s leaves nothing to compare with', async (_, change) => {
  const { manifest, own, recorded } = await copied();
  change(manifest);
  const proof = await proveCopy(recorded, { scratch: own });
  expect(proof).toMatchObject({ compared: 0, recorded: null, unusable: expect.stringContaining('manifest') });
  expect(isSound(proof)).toBe(false);
});

test('a manifest of something else, and a copy that is gone, are no proof', async () => {
  const { copy, own, recorded } = await copied();
  const other = await proveCopy({ ...recorded, rootHash: '0'.repeat(64) }, { scratch: own });
  expect(other.unusable).toContain('not the recorded one');
  disturb(copy);
  expect(isSound(await proveCopy(recorded, { scratch: own }))).toBe(false);
  rmSync(copy, { recursive: true });
  const gone = await proveCopy(recorded, { scratch: own });
  expect(gone).toMatchObject({ unusable: expect.stringContaining('cannot be read') });
  expect(isSound(gone)).toBe(false);
});
