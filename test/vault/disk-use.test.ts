import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diskUse } from '../../vault/disk-use.ts';
import { makeAgentTree, scratch } from './fixtures.ts';

/** What `du` says of folders, hard links counted once. */
function du(...folders: readonly string[]): number {
  const { stdout } = spawnSync('du', ['-c', '-B1', ...folders], { encoding: 'utf8' });
  return Number(/^(\d+)\ttotal$/m.exec(stdout)?.[1]);
}

function shelf() {
  const folder = scratch();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => join(folder, name)) as [string, string, string];
  for (const dir of [a, b, c]) mkdirSync(dir);
  makeAgentTree(a);
  writeFileSync(join(a, 'large'), Buffer.alloc(300_000, 1));
  for (const dir of [b, c]) linkSync(join(a, 'large'), join(dir, 'large'));
  writeFileSync(join(b, 'own'), Buffer.alloc(50_000, 2));
  symlinkSync(a, join(b, 'link'));
  return { a, b, c };
}

test('what a folder alone occupies is what its removal frees, as du sees it', async () => {
  const { a, b, c } = shelf();
  for (const [gone, rest] of [
    [[a], [b, c]],
    [[b], [a, c]],
    [[a, b], [c]],
  ] as const) {
    const { own } = await diskUse(gone);
    expect(own).toBe(du(...gone, ...rest) - du(...rest));
  }
  expect((await diskUse([a, b, c])).own).toBe(du(a, b, c));
});

test('what has a name elsewhere is shared, and what is not there is nothing', async () => {
  const { b } = shelf();
  expect((await diskUse([b])).shared).toBe(du(join(b, 'large')));
  expect(await diskUse([join(b, 'none')])).toEqual({ own: 0, shared: 0 });
});
