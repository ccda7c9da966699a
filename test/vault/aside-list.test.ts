import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyTree } from '../../vault/copy-tree.ts';
import { asideDirFor, restoreTree } from '../../vault/restore-tree.ts';
import { scratch, unfenced } from './fixtures.ts';

test('a list of what was kept that was torn by a kill still names what is kept afterwards', async () => {
  const folder = scratch();
  const [source, copy, target] = ['source', 'copy', 'target'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const manifest = join(folder, 'copy.jsonl');
  for (const root of [source, target]) mkdirSync(root);
  await copyTree(source, copy, { manifest, beforeEffect: unfenced });
  writeFileSync(join(target, 'extra'), 'extra');
  const asideDir = asideDirFor(target, 'r1');
  mkdirSync(asideDir, { recursive: true });
  writeFileSync(join(asideDir, 'moved-aside.jsonl'), '{"path":"ex');
  const { movedAside } = await restoreTree({
    copy,
    manifest,
    target,
    rollbackId: 'r1',
    mode: 'whole',
    beforeEffect: unfenced,
  });
  expect(movedAside).toMatchObject({ count: 1, bytes: 5, first: ['extra'] });
  expect(readFileSync(join(asideDir, 'kept/extra'), 'utf8')).toBe('extra');
});
