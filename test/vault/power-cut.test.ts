import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { compiledChildren } from './compiled.ts';
import { cutAt } from './power-cut/cut-at.ts';
import { whyNoPowerCut, XfsImage } from './power-cut/xfs-image.ts';
import { makeBench } from './sweep/bench.ts';
import { freezePointsOf, sampleOf } from './sweep/points.ts';

const child = compiledChildren();
const folder = mkdtempSync(join(tmpdir(), 'vault-power-'));
const why = whyNoPowerCut(folder);
/** Always the same moments; POWER_SEED looks at others. */
const seed = Number(process.env['POWER_SEED'] ?? 20260101);
const patienceMs = 600_000;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

if (why === undefined) {
  test.each([
    ['restore-whole', 3],
    ['safety-copy', 1],
    ['journal', 2],
  ])(
    'after a power cut at any moment of %s every byte is there, every file is whole, and a resume ends right',
    async (operation, count) => {
      const image = new XfsImage(mkdtempSync(join(folder, 'image-')));
      try {
        const bench = await makeBench(join(image.mountPoint, 'bench'), operation, child('operate'), 0);

        expect(bench.faults).toEqual([]);
        const effects = freezePointsOf(bench).filter(({ call }) => !['read', 'open'].includes(call.group));
        const faults: string[] = [];
        for (const point of sampleOf(effects, seed, count)) faults.push(...(await cutAt(point, image, folder)));
        expect(faults).toEqual([]);
      } finally {
        image.close();
      }
    },
    patienceMs,
  );
} else {
  // Root and a loop device are not to be had everywhere; that it was tried shows in the name.
  test(`power cuts cannot be made on this machine (${why})`, () => {
    expect(whyNoPowerCut(mkdtempSync(join(folder, 'again-')))).toBeDefined();
  });
}
