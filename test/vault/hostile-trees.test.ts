import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyTree } from '../../vault/copy-tree.ts';
import { asideDirFor, restoreTree } from '../../vault/restore-tree.ts';
import { compiledChildren } from './compiled.ts';
import { scratch, unfenced } from './fixtures.ts';
import { hostileTrees, makeHostileTree, type Thing } from './hostile-tree.ts';
import { differencesOf, type Picture, pictureOf } from './sweep/picture.ts';

const child = compiledChildren();
const patienceMs = 600_000;
/** Always the same trees in every run of the tests; HOSTILE_SEED and HOSTILE_RUNS look for others. */
const seed = Number(process.env['HOSTILE_SEED'] ?? 1);
const numRuns = Number(process.env['HOSTILE_RUNS'] ?? 25);

/** Format bits of st_mode, in octal digits: what a copy can hold. */
const restorable = /^(10|4|12)\d{4} /;

function places(folder: string) {
  return {
    source: join(folder, 'source'),
    outside: join(folder, 'outside'),
    copy: join(folder, 'copy'),
    target: join(folder, 'target'),
    manifest: join(folder, 'copy.jsonl'),
  };
}

/** What no copy can hold is left where it is, and so is whatever stands in its place now: neither is compared. */
function comparable(picture: Picture, specials: readonly string[]): Picture {
  const isFree = (path: string) => !specials.some((special) => path === special || path.startsWith(`${special}/`));
  return { ...picture, entries: new Map([...picture.entries].filter(([path]) => isFree(path))) };
}

async function restoreHostile(trees: readonly Thing[][]): Promise<void> {
  const folder = scratch();
  const { source, outside, copy, target, manifest } = places(folder);
  for (const root of [source, outside]) mkdirSync(root);
  writeFileSync(join(outside, 'secret'), 'what lies outside is nobody’s to read or to change');
  await makeHostileTree(source, trees[0] ?? []);
  await copyTree(source, copy, { manifest, beforeEffect: unfenced });
  const should = pictureOf(source);
  spawnSync('cp', ['-a', source, target]);
  await makeHostileTree(target, trees[1] ?? []);
  const [before, around] = [pictureOf(target), pictureOf(outside)];

  const request = { copy, manifest, target, rollbackId: 'r1', mode: 'whole', beforeEffect: unfenced } as const;
  const result = await restoreTree(request);
  const now = pictureOf(target);
  const specials = [...should.entries].filter(([, text]) => !restorable.test(text)).map(([path]) => path);
  expect(differencesOf(comparable(should, specials), comparable(now, specials))).toEqual([]);
  const gone = specials.filter((path) => now.entries.get(path)?.slice(0, 6) !== should.entries.get(path)?.slice(0, 6));
  expect(result.exceptions.length).toBeGreaterThanOrEqual(Math.min(gone.length, 20));
  const kept = pictureOf(asideDirFor(target, 'r1'));
  expect([...before.contents].filter((text) => !now.contents.has(text) && !kept.contents.has(text))).toEqual([]);
  expect(pictureOf(outside)).toEqual(around);
  expect([...pictureOf(copy).contents].filter((text) => around.contents.has(text))).toEqual([]);
  expect((await restoreTree(request)).kind).toBe('already-done');
  rmSync(folder, { recursive: true, force: true });
}

test(
  'any tree is put back byte for byte over any other, or what cannot be is named; nothing outside is read or changed',
  () =>
    fc.assert(
      fc.asyncProperty(hostileTrees(), ({ trees }) => restoreHostile(trees)),
      { numRuns, seed, endOnFailure: true },
    ),
  patienceMs,
);

test(
  'a folder that is swapped for a link out of the root all the while leads no restore outside',
  async () => {
    const folder = scratch();
    const { source, outside, copy, target, manifest } = places(folder);
    for (const root of [join(source, 'victim'), outside]) mkdirSync(root, { recursive: true });
    for (let index = 0; index < 40; index += 1) {
      writeFileSync(join(source, `victim/${index}`), `good ${index}`);
      writeFileSync(join(outside, `${index}`), `theirs ${index}`);
    }
    await copyTree(source, copy, { manifest, beforeEffect: unfenced });
    const around = pictureOf(outside);
    const common = { copy, manifest, target, mode: 'whole', beforeEffect: unfenced } as const;
    const stop = join(folder, 'stop');
    const ended: string[] = [];
    spawnSync('cp', ['-a', source, target]);
    const swapper = spawn(process.execPath, [child('swap'), join(target, 'victim'), outside, stop], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: swapper.stdout })[Symbol.asyncIterator]();
    try {
      expect((await lines.next()).value).toBe('swapping');
      for (let round = 0; round < 8; round += 1) {
        const request = { ...common, rollbackId: `r${round}` };
        ended.push(
          await restoreTree(request).then(
            ({ kind }) => kind,
            (error: unknown) => String(error),
          ),
        );
      }
    } finally {
      writeFileSync(stop, '');
      await once(swapper, 'exit');
    }
    expect(differencesOf(around, pictureOf(outside))).toEqual([]);
    expect(ended.length).toBe(8);
    // Left in peace, what it could not do is done.
    await restoreTree({ ...common, rollbackId: 'last' });
    expect(differencesOf(pictureOf(source), pictureOf(target))).toEqual([]);
  },
  patienceMs,
);
