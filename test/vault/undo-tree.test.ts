import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { copyTree } from '../../vault/copy-tree.ts';
import { SourceRefused } from '../../vault/errors.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import { asideDirFor, restoreTree } from '../../vault/restore-tree.ts';
import { makeSafetyCopy } from '../../vault/safety-copy.ts';
import { undoTree } from '../../vault/undo/undo-tree.ts';
import { disturb, makeAgentTree, scratch, unfenced } from './fixtures.ts';

/** A tree that was rolled back to its checkpoint, as the full rollback and as the emergency path do it. */
async function rolledBack(how: 'copy' | 'aside') {
  const folder = scratch();
  const target = join(folder, 'target');
  mkdirSync(target);
  makeAgentTree(target);
  const [copy, manifest] = [join(folder, 'checkpoint'), join(folder, 'checkpoint.jsonl')];
  await copyTree(target, copy, { manifest, beforeEffect: unfenced });
  disturb(target);
  const before = await writeManifest(target, join(folder, 'before.jsonl'));
  const { record } = await makeSafetyCopy({
    roots: [{ name: 'agent', path: target, how }],
    into: join(folder, 'safety'),
    rollbackId: 'r1',
    at: '2026-01-01T00:00:00Z',
    beforeEffect: unfenced,
  });
  await restoreTree({ copy, manifest, target, rollbackId: 'r1', mode: 'whole', beforeEffect: unfenced });
  const [safety] = record.roots;
  if (safety === undefined) throw new Error('There is no safety copy.');
  const undo = () =>
    undoTree({
      safety,
      rollbackAside: asideDirFor(target, 'r1'),
      target,
      undoId: 'undo-r1',
      asideDir: asideDirFor(target, 'undo-r1'),
      beforeEffect: unfenced,
    });
  const now = () => writeManifest(target, join(folder, 'now.jsonl'));
  return { folder, target, before, undo, now };
}

describe.each(['copy', 'aside'] as const)('after a rollback with its safety copy by %s', (how) => {
  test('the undo brings back exactly what was before, and done again finds it so', async () => {
    const { target, before, undo, now } = await rolledBack(how);
    expect((await now()).rootHash).not.toBe(before.rootHash);
    writeFileSync(join(target, 'since.txt'), 'written after the rollback');

    const result = await undo();

    expect(result.kind).toBe('done');
    expect((await now()).rootHash).toBe(before.rootHash);
    const kept = join(asideDirFor(target, 'undo-r1'), 'kept', 'since.txt');
    expect(readFileSync(kept, 'utf8')).toBe('written after the rollback');
    expect(await undo()).toMatchObject({ kind: 'already-done' });
  });
});

test('what was only moved aside and is gone is named, and the target is not touched', async () => {
  const { target, undo, now } = await rolledBack('aside');
  rmSync(join(asideDirFor(target, 'r1'), 'kept'), { recursive: true });
  const found = await now();
  await expect(undo()).rejects.toBeInstanceOf(SourceRefused);
  expect((await now()).rootHash).toBe(found.rootHash);
});
