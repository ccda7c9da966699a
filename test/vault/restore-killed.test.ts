import { spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyTree } from '../../vault/copy-tree.ts';
import { readManifest } from '../../vault/manifest/read.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import { asideDirFor, restoreTree } from '../../vault/restore-tree.ts';
import { compiledChildren } from './compiled.ts';
import { scratch, unfenced } from './fixtures.ts';

const child = compiledChildren();

/** Each kind of difference once, so that a sweep over every call stays short. */
function makeSmallTree(root: string): void {
  mkdirSync(join(root, 'folder'));
  writeFileSync(join(root, 'folder/lost'), 'was lost');
  writeFileSync(join(root, 'changed\nname'), 'good');
  writeFileSync(join(root, 'x.db'), 'database');
  writeFileSync(join(root, 'one'), 'two names');
  linkSync(join(root, 'one'), join(root, 'two'));
  symlinkSync('one', join(root, 'link'));
  writeFileSync(join(root, 'becomes a folder'), 'a file');
  writeFileSync(join(root, 'mode'), 'only its mode');
}

function disturbSmallTree(root: string): void {
  rmSync(join(root, 'folder'), { recursive: true });
  writeFileSync(join(root, 'changed\nname'), 'bad');
  writeFileSync(join(root, 'x.db-wal'), 'replays the migration');
  rmSync(join(root, 'two'));
  writeFileSync(join(root, 'two'), 'another file');
  rmSync(join(root, 'link'));
  symlinkSync('/etc/passwd', join(root, 'link'));
  rmSync(join(root, 'becomes a folder'));
  mkdirSync(join(root, 'becomes a folder'));
  writeFileSync(join(root, 'becomes a folder/inside'), 'made since');
  chmodSync(join(root, 'mode'), 0o600);
}

async function hashesOf(root: string, manifest: string): Promise<Set<string>> {
  const hashes = new Set<string>();
  await writeManifest(root, manifest);
  for await (const { sha256, link } of readManifest(manifest)) {
    if (sha256 !== undefined) hashes.add(sha256);
    if (link !== undefined) hashes.add(`link ${link}`);
  }
  return hashes;
}

/** The calls by which a restore changes something, by whichever name this machine's kernel has them. */
const sweeps = [
  ['a rename', '?rename,?renameat,?renameat2'],
  ['a hard link', '?link,?linkat'],
  ['a sync', 'fsync,fdatasync'],
  ['a new folder', '?mkdir,?mkdirat'],
  ['a removal', '?unlink,?unlinkat,?rmdir'],
] as const;

test.each(sweeps)('killed at %s, whichever, a restore loses nothing and a second run finishes it', async (_, calls) => {
  const folder = scratch();
  const [pristine, copy, target] = ['pristine', 'copy', 'target'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const scrap = join(folder, 'scrap.jsonl');
  const manifest = join(folder, 'copy.jsonl');
  mkdirSync(pristine);
  makeSmallTree(pristine);
  const { manifest: good } = await copyTree(pristine, copy, { manifest, beforeEffect: unfenced });
  const goodHashes = await hashesOf(copy, scrap);
  const request = { copy, manifest, target, rollbackId: 'r1', mode: 'whole', beforeEffect: unfenced } as const;
  const asideDir = asideDirFor(target, request.rollbackId);

  let kills = 0;
  for (let when = 1; ; when += 1) {
    rmSync(target, { recursive: true, force: true });
    rmSync(asideDir, { recursive: true, force: true });
    spawnSync('cp', ['-a', pristine, target]);
    disturbSmallTree(target);
    const before = await hashesOf(target, scrap);

    const run = spawnSync(
      'strace',
      [
        ...[
          '-f',
          '-qq',
          '-o',
          '/dev/null',
          '-e',
          `trace=${calls}`,
          '-e',
          `inject=${calls}:signal=SIGKILL:when=${when}`,
        ],
        ...[process.execPath, child('restore'), copy, manifest, target],
      ],
      { encoding: 'utf8', env: { ...process.env, UV_THREADPOOL_SIZE: '1' } },
    );
    if (run.signal !== 'SIGKILL') {
      expect([run.stderr, run.stdout, run.status]).toEqual(['', 'done\n', 0]);
      break;
    }
    kills += 1;
    // Nothing that was there is gone, and every file is whole: of before or of the checkpoint.
    const present = await hashesOf(target, scrap);
    const kept = spawnSync('test', ['-d', asideDir]).status === 0 ? await hashesOf(asideDir, scrap) : new Set();
    const at = `call ${when} of ${calls}`;
    expect(
      [...before].filter((hash) => !present.has(hash) && !kept.has(hash)),
      at,
    ).toEqual([]);
    expect(
      [...present].filter((hash) => !before.has(hash) && !goodHashes.has(hash)),
      at,
    ).toEqual([]);

    await restoreTree(request);
    expect((await writeManifest(target, scrap)).rootHash, at).toBe(good.rootHash);
    const after = new Set([...goodHashes, ...(await hashesOf(asideDir, scrap))]);
    expect(
      [...before].filter((hash) => !after.has(hash)),
      at,
    ).toEqual([]);
    expect((await restoreTree(request)).kind, at).toBe('already-done');
  }
  // The sweep met the calls that it was for.
  expect(kills).toBeGreaterThan(2);
  expect((await writeManifest(copy, scrap)).rootHash).toBe(good.rootHash);
});

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
