import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyTree } from '../../vault/copy-tree.ts';
import { Refused, SourceRefused, StaleAttempt } from '../../vault/errors.ts';
import { readManifest } from '../../vault/manifest/read.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import { type RestoreTreeRequest, restoreTree } from '../../vault/restore-tree.ts';
import { disturb, makeAgentTree, scratch, unfenced } from './fixtures.ts';

/** A target with its checkpoint copy, not yet disturbed. */
async function checkpointed(make: (root: string) => void = makeAgentTree) {
  const folder = scratch();
  const target = join(folder, 'target');
  mkdirSync(target);
  make(target);
  const copy = join(folder, 'copy');
  const manifest = join(folder, 'copy.jsonl');
  const { manifest: summary } = await copyTree(target, copy, { manifest, beforeEffect: unfenced });
  const request: RestoreTreeRequest = {
    copy,
    manifest,
    target,
    rollbackId: 'r1',
    mode: 'whole',
    beforeEffect: unfenced,
  };
  return { folder, target, copy, manifest, summary, request };
}

async function rootHashOf(folder: string, root: string): Promise<string> {
  return (await writeManifest(root, join(folder, 'check.jsonl'))).rootHash;
}

/** Hashes of all regular files below a folder, wherever they lie. */
async function contentsOf(folder: string, root: string): Promise<Set<string>> {
  await writeManifest(root, join(folder, 'contents.jsonl'));
  const hashes = new Set<string>();
  for await (const { sha256 } of readManifest(join(folder, 'contents.jsonl')))
    if (sha256 !== undefined) hashes.add(sha256);
  return hashes;
}

test('a disturbed tree is put back exactly: content, owner, mode, times, links, extended attributes', async () => {
  const { folder, target, summary, request } = await checkpointed();
  const inode = statSync(target).ino;
  disturb(target);
  const result = await restoreTree(request);
  expect(result.kind).toBe('done');
  expect(result.verified).toMatchObject({ differing: 0, missing: 0, extra: 0, metadataOnly: 0 });
  expect(await rootHashOf(folder, target)).toBe(summary.rootHash);
  expect(result.rootHash).toBe(summary.rootHash);
  expect(statSync(target).ino).toBe(inode);
});

test('every content that was in the target before lies in it or beside it afterwards', async () => {
  const { folder, target, request } = await checkpointed();
  disturb(target);
  const before = await contentsOf(folder, target);
  const { asideDir, movedAside } = await restoreTree(request);
  const after = new Set([...(await contentsOf(folder, target)), ...(await contentsOf(folder, asideDir))]);
  expect([...before].filter((hash) => !after.has(hash))).toEqual([]);
  expect(movedAside.first).toContain('extra folder');
  expect(readFileSync(join(asideDir, 'kept/extra folder/below/new'), 'utf8')).toBe('made since the checkpoint');
});

test('a second run is a no-op and says so, and the first record of the state before stays', async () => {
  const { target, request } = await checkpointed();
  disturb(target);
  const first = await restoreTree(request);
  const recorded = readFileSync(first.beforeManifest);
  const second = await restoreTree(request);
  expect(second).toMatchObject({ kind: 'already-done', restored: 0, metadataSet: 0, movedAside: first.movedAside });
  expect(readFileSync(first.beforeManifest).equals(recorded)).toBe(true);
});

test('unchanged files are not rewritten', async () => {
  const { target, request } = await checkpointed();
  const before = lstatSync(join(target, 'skills/skill-9.json'), { bigint: true });
  disturb(target);
  await restoreTree(request);
  const after = lstatSync(join(target, 'skills/skill-9.json'), { bigint: true });
  expect([after.ino, after.ctimeNs]).toEqual([before.ino, before.ctimeNs]);
});

function replaceByLink(file: string): void {
  rmSync(file);
  symlinkSync('/etc/passwd', file);
}

test.each([
  ['missing', (file: string) => rmSync(file)],
  ['empty', (file: string) => writeFileSync(file, '')],
  ['of the wrong content', (file: string) => writeFileSync(file, '{"id":1}')],
  ['a link to elsewhere', replaceByLink],
])('a source that is %s is refused before anything in the target is touched', async (_, damage) => {
  const { folder, target, copy, request } = await checkpointed();
  disturb(target);
  damage(join(copy, 'skills/skill-0.json'));
  const before = await rootHashOf(folder, target);
  await expect(restoreTree(request)).rejects.toThrow(SourceRefused);
  expect(await rootHashOf(folder, target)).toBe(before);
});

test('a manifest that is not the recorded one is refused', async () => {
  const { request } = await checkpointed();
  await expect(restoreTree({ ...request, rootHash: '0'.repeat(64) })).rejects.toThrow(SourceRefused);
});

test('an absent target is refused unless it may be made', async () => {
  const { folder, target, summary, request } = await checkpointed();
  rmSync(target, { recursive: true });
  await expect(restoreTree(request)).rejects.toThrow(Refused);
  await restoreTree({ ...request, createTarget: true });
  expect(await rootHashOf(folder, target)).toBe(summary.rootHash);
});

test('changed-only keeps extra files but never a stale journal beside a database of the checkpoint', async () => {
  const { target, request } = await checkpointed((root) => writeFileSync(join(root, 'x.db'), 'database'));
  writeFileSync(join(target, 'x.db-wal'), 'replays the migration');
  writeFileSync(join(target, 'new.db'), 'made since');
  writeFileSync(join(target, 'new.db-wal'), 'belongs to it');
  const result = await restoreTree({ ...request, mode: 'changed-only' });
  expect(readdirSync(target).sort()).toEqual(['new.db', 'new.db-wal', 'x.db']);
  expect(readFileSync(join(result.asideDir, 'kept/x.db-wal'), 'utf8')).toBe('replays the migration');
});

test('a link that stands where a folder was is replaced, and nothing is written behind it', async () => {
  const { folder, target, summary, request } = await checkpointed();
  const outside = join(folder, 'outside');
  mkdirSync(outside);
  rmSync(join(target, 'skills'), { recursive: true });
  symlinkSync(outside, join(target, 'skills'));
  await restoreTree(request);
  expect(readdirSync(outside)).toEqual([]);
  expect(await rootHashOf(folder, target)).toBe(summary.rootHash);
});

test('a link that is swapped in during the restore stops it; nothing is written behind it', async () => {
  const { folder, target, request } = await checkpointed();
  const outside = join(folder, 'outside');
  mkdirSync(outside);
  disturb(target);
  let calls = 0;
  const swapOnce = () => {
    calls += 1;
    if (calls !== 20) return;
    rmSync(join(target, 'skills'), { recursive: true, force: true });
    symlinkSync(outside, join(target, 'skills'));
  };
  await expect(restoreTree({ ...request, beforeEffect: swapOnce })).rejects.toThrow();
  expect(readdirSync(outside)).toEqual([]);
});

test('a file that has another name outside the target keeps that name as it is', async () => {
  const { folder, target, request } = await checkpointed();
  linkSync(join(target, 'tool'), join(folder, 'other name'));
  disturb(target);
  await restoreTree(request);
  expect(statSync(join(folder, 'other name')).mode & 0o7777).toBe(0o644);
  expect(statSync(join(target, 'tool')).mode & 0o7777).toBe(0o4755);
});

test('a superseded attempt stops at its next effect and the target holds only whole files', async () => {
  const { folder, target, summary, request } = await checkpointed();
  disturb(target);
  let calls = 0;
  const superseded = () => {
    calls += 1;
    if (calls > 25) throw new StaleAttempt({ step: 's', token: 'epoch 1', newer: 'epoch 2' });
  };
  await expect(restoreTree({ ...request, beforeEffect: superseded })).rejects.toThrow(StaleAttempt);
  expect(await rootHashOf(folder, target)).not.toBe(summary.rootHash);
  await restoreTree(request);
  expect(await rootHashOf(folder, target)).toBe(summary.rootHash);
});

test('what is copied when the system starts comes last', async () => {
  const { target, request } = await checkpointed();
  disturb(target);
  const order: string[] = [];
  let earlier = existsSync(join(target, 'skills/skill-5.json'));
  const watch = () => {
    const now = existsSync(join(target, 'skills/skill-5.json'));
    if (now !== earlier) order.push(readFileSync(join(target, 'a/inside'), 'utf8'));
    earlier = now;
  };
  await restoreTree({ ...request, last: ['skills/skill-5.json'], beforeEffect: watch });
  expect(order).toEqual(['inside a']);
});
