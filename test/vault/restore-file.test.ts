import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
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
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SourceRefused } from '../../vault/errors.ts';
import { type RestoreFileRequest, restoreFile } from '../../vault/restore-file.ts';
import { bytesIn, scratch, unfenced } from './fixtures.ts';
import { awkwardName } from './names.ts';

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

/** A root with a changed file and its good source; the request to put it back. */
function place(path = 'x.json') {
  const folder = scratch();
  const root = join(folder, 'root');
  mkdirSync(root);
  const source = join(folder, 'source');
  writeFileSync(source, 'good', { mode: 0o640 });
  const request: RestoreFileRequest = {
    source,
    expectedSha256: sha256('good'),
    root,
    path: Buffer.from(path),
    asideDir: join(folder, 'aside'),
    beforeEffect: unfenced,
  };
  return { folder, root, source, request };
}

test('the old content is kept, the new one is in place with the old mode, the source is not consumed', async () => {
  const { root, source, request } = place();
  writeFileSync(join(root, 'x.json'), 'bad');
  chmodSync(join(root, 'x.json'), 0o604);
  const done = await restoreFile(request);
  expect(done).toMatchObject({ kind: 'done', sha256: sha256('good'), bytes: 4, movedAside: ['x.json'] });
  expect(readFileSync(join(root, 'x.json'), 'utf8')).toBe('good');
  expect(statSync(join(root, 'x.json')).mode & 0o7777).toBe(0o604);
  expect(readFileSync(join(request.asideDir, 'kept/x.json'), 'utf8')).toBe('bad');
  expect(readFileSync(source, 'utf8')).toBe('good');
  expect(await restoreFile(request)).toMatchObject({ kind: 'already-done', movedAside: [] });
});

test('a second version is kept beside the first, never over it', async () => {
  const { root, request } = place();
  for (const content of ['bad', 'worse']) {
    writeFileSync(join(root, 'x.json'), content);
    await restoreFile(request);
  }
  expect(readFileSync(join(request.asideDir, 'kept/x.json'), 'utf8')).toBe('bad');
  expect(readFileSync(join(request.asideDir, 'kept.2/x.json'), 'utf8')).toBe('worse');
});

test('any name can be restored, whatever it would mean to a shell', async () => {
  await fc.assert(
    fc.asyncProperty(awkwardName, async (name) => {
      const { root, request } = place();
      writeFileSync(bytesIn(root, name), 'bad');
      await restoreFile({ ...request, path: name });
      expect(readFileSync(bytesIn(root, name), 'utf8')).toBe('good');
      expect(readdirSync(root)).toHaveLength(1);
    }),
    { numRuns: 40 },
  );
});

test('a folder or a link that stands there is kept whole, and its mode is not given to the file', async () => {
  for (const make of [
    (path: string) => mkdirSync(join(path, 'inside'), { recursive: true }),
    (path: string) => symlinkSync('/etc/hostname', path),
  ]) {
    const { root, request } = place();
    make(join(root, 'x.json'));
    const before = lstatSync(join(root, 'x.json'));
    await restoreFile(request);
    expect(readFileSync(join(root, 'x.json'), 'utf8')).toBe('good');
    expect(statSync(join(root, 'x.json')).mode & 0o7777).toBe(0o640);
    expect(lstatSync(join(request.asideDir, 'kept/x.json')).ino).toBe(before.ino);
  }
});

test('a file whose folder is gone comes back with its folder', async () => {
  const { root, request } = place('deep/er/x.json');
  await restoreFile(request);
  expect(readFileSync(join(root, 'deep/er/x.json'), 'utf8')).toBe('good');
});

test('no link below the root is followed', async () => {
  const { folder, root, request } = place('folder/x.json');
  mkdirSync(join(folder, 'outside'));
  symlinkSync(join(folder, 'outside'), join(root, 'folder'));
  await expect(restoreFile(request)).rejects.toThrow();
  expect(readdirSync(join(folder, 'outside'))).toEqual([]);
});

test('journals that belong to the replaced content of a database go with it, also when only they are left over', async () => {
  const { root, request } = place('x.db');
  writeFileSync(join(root, 'x.db'), 'bad');
  writeFileSync(join(root, 'x.db-wal'), 'replays what was rolled back');
  expect((await restoreFile(request)).movedAside).toEqual(['x.db-wal', 'x.db']);
  expect(readdirSync(root)).toEqual(['x.db']);
  writeFileSync(join(root, 'x.db-journal'), 'again');
  expect(await restoreFile(request)).toMatchObject({ kind: 'done', movedAside: ['x.db-journal'] });
  expect(readdirSync(root)).toEqual(['x.db']);
});

test.each([
  ['empty', (source: string) => writeFileSync(source, '')],
  ['changed since the plan', (source: string) => writeFileSync(source, 'else')],
  ['gone', (source: string) => rmSync(source)],
])('a source that is %s is refused, and the target stays as it was', async (_, damage) => {
  const { root, source, request } = place();
  writeFileSync(join(root, 'x.json'), 'bad');
  damage(source);
  const expectedSha256 = existsSync(source) && readFileSync(source).length === 0 ? sha256('') : request.expectedSha256;
  await expect(restoreFile({ ...request, expectedSha256 })).rejects.toThrow(SourceRefused);
  expect(readFileSync(join(root, 'x.json'), 'utf8')).toBe('bad');
  expect(readdirSync(request.asideDir).filter((name) => name.startsWith('attempt-'))).toEqual([]);
});
