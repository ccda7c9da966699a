import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { checkIntegrity, type IntegrityCheck } from '../../vault/integrity.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import { bytesIn, hostileNames, scratch } from './fixtures.ts';

const path = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = path;
});

function place() {
  const folder = scratch();
  const root = join(folder, 'root');
  mkdirSync(root);
  const judge = async (...checks: IntegrityCheck[]) => checkIntegrity({ root, checks });
  return { folder, root, judge };
}

/** A first tool in the search path, as the machine's own would be. */
function tool(folder: string, name: string, script: string): void {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
  process.env['PATH'] = `${join(folder, 'bin')}:${path}`;
}

describe('JSON', () => {
  const check: IntegrityCheck = { kind: 'json', glob: '*' };

  test('is sound when every match parses, under any name', async () => {
    const { root, judge } = place();
    for (const name of hostileNames) writeFileSync(bytesIn(root, name), '{"a":1}');
    expect(await judge(check)).toMatchObject({ verdict: 'sound' });
  });

  test.each([
    ['cut off', '{"a":'],
    ['empty', ''],
    ['zeros', '\0\0\0\0'],
  ])('is corrupt when one is %s, and that one is named', async (_, content) => {
    const { root, judge } = place();
    writeFileSync(join(root, 'good.json'), '{}');
    writeFileSync(join(root, 'bad one.json'), content);
    const { verdict, reasons } = await judge(check);
    expect([verdict, ...reasons]).toEqual([
      'corrupt',
      'json *: fail, 1 file(s) do not parse as JSON, first: bad one.json (no JSON)',
    ]);
  });

  test('is unknown, not corrupt, when a file is too large to be read whole, and when there is none', async () => {
    const { root, judge } = place();
    expect((await judge(check)).verdict).toBe('unknown');
    writeFileSync(join(root, 'huge.json'), '');
    truncateSync(join(root, 'huge.json'), 256 * 1024 * 1024 + 1);
    expect((await judge(check)).verdict).toBe('unknown');
    writeFileSync(join(root, 'bad.json'), '{');
    expect((await judge(check)).verdict).toBe('corrupt');
  });
});

describe('SQLite', () => {
  const check: IntegrityCheck = { kind: 'sqlite', glob: '*.db' };

  function database(
    file: string,
    sql = 'create table t(x); insert into t select hex(randomblob(400)) from generate_series(1,80);',
  ) {
    spawnSync('sqlite3', [file, sql]);
  }

  test('is sound when its own check says ok, and the data are not touched', async () => {
    const { root, judge } = place();
    database(join(root, 'a.db'));
    const before = readFileSync(join(root, 'a.db'));
    expect((await judge(check)).verdict).toBe('sound');
    expect(readFileSync(join(root, 'a.db')).equals(before)).toBe(true);
  });

  test.each([
    ['its pages are overwritten', (file: string) => overwrite(file, 4096)],
    ['its header is overwritten', (file: string) => overwrite(file, 0)],
    ['its end is missing', (file: string) => truncateSync(file, 8192)],
  ])('is corrupt when %s', async (_, damage) => {
    const { root, judge } = place();
    database(join(root, 'a.db'));
    damage(join(root, 'a.db'));
    expect((await judge(check)).verdict).toBe('corrupt');
  });

  test('is judged together with its -wal, which stays as it is', async () => {
    const { folder, root, judge } = place();
    const live = join(folder, 'live.db');
    // What a process that was killed leaves: the table stands in the journal only.
    const sql =
      '.dbconfig no_ckpt_on_close on\npragma journal_mode=wal;\ncreate table t(x); insert into t values(1);\n';
    spawnSync('sqlite3', [live], { input: sql });
    for (const ending of ['', '-wal']) copyFileSync(`${live}${ending}`, join(root, `a.db${ending}`));
    const wal = readFileSync(join(root, 'a.db-wal'));
    expect(wal.length).toBeGreaterThan(0);
    expect((await judge(check)).verdict).toBe('sound');
    expect(readdirSync(root).sort()).toEqual(['a.db', 'a.db-wal']);
    expect(readFileSync(join(root, 'a.db-wal')).equals(wal)).toBe(true);
  });

  test.each([
    ['was killed', 'kill -9 $$'],
    ['had no memory or disk left', 'exit 13'],
  ])('is unknown, not corrupt, when sqlite3 %s', async (_, script) => {
    const { folder, root, judge } = place();
    database(join(root, 'a.db'));
    tool(folder, 'sqlite3', script);
    expect((await judge(check)).verdict).toBe('unknown');
  });

  test('is unknown when sqlite3 is not there, or nothing matches', async () => {
    const { root, judge } = place();
    expect((await judge(check)).verdict).toBe('unknown');
    database(join(root, 'a.db'));
    process.env['PATH'] = '/nowhere';
    expect((await judge(check)).verdict).toBe('unknown');
  });
});

describe('a command', () => {
  const run = (...argv: string[]): IntegrityCheck => ({ kind: 'command', argv, timeoutMs: 20_000 });

  test('runs in the data root without a shell', async () => {
    const { root, judge } = place();
    writeFileSync(join(root, '$(touch x)'), '');
    expect((await judge(run('test', '-f', '$(touch x)'))).verdict).toBe('sound');
    expect(readdirSync(root)).toEqual(['$(touch x)']);
  });

  test('that ends with another code is corruption, with its last words', async () => {
    const { judge } = place();
    const { verdict, reasons } = await judge(run('sh', '-c', 'echo first >&2; echo 3 rows differ >&2; exit 3'));
    expect([verdict, ...reasons]).toEqual(['corrupt', 'command: fail, sh ended with 3: 3 rows differ']);
  });

  test.each([
    ['is not there', run('no-such-tool-anywhere')],
    ['could not run what it should', run('sh', '-c', 'no-such-tool-anywhere')],
    ['was killed', run('sh', '-c', 'kill -9 $$')],
    ['did not end', { ...run('sleep', '60'), timeoutMs: 50 } as IntegrityCheck],
  ])('that %s says nothing about the data', async (_, check) => {
    expect((await place().judge(check)).verdict).toBe('unknown');
  });
});

test('what must exist, must hold something or must not change is asked as it is declared', async () => {
  const { folder, root, judge } = place();
  writeFileSync(join(root, 'a.json'), '{}');
  writeFileSync(join(root, 'zero'), '');
  const manifest = join(folder, 'checkpoint.jsonl');
  await writeManifest(root, manifest);
  const against = async (check: IntegrityCheck) =>
    (await checkIntegrity({ root, checks: [check], checkpointManifest: manifest })).verdict;
  expect((await judge({ kind: 'exists', glob: 'a.json' })).verdict).toBe('sound');
  expect((await judge({ kind: 'exists', glob: 'b.json' })).verdict).toBe('corrupt');
  expect((await judge({ kind: 'nonempty', glob: '*' })).reasons[0]).toContain('first: zero');
  expect((await judge({ kind: 'nonempty', glob: 'none' })).verdict).toBe('corrupt');
  expect((await judge({ kind: 'immutable', glob: 'a.json' })).verdict).toBe('unknown');
  expect(await against({ kind: 'immutable', glob: '*' })).toBe('sound');
  writeFileSync(join(root, 'b.json'), 'more matches are a difference too');
  expect(await against({ kind: 'immutable', glob: '*.json' })).toBe('corrupt');
  expect(await against({ kind: 'immutable', glob: 'a.json' })).toBe('sound');
});

test('changed is not corrupt, emptied is, and nothing declared is unknown', async () => {
  const { folder, root, judge } = place();
  writeFileSync(join(root, 'log'), 'content');
  writeFileSync(join(root, 'zero'), '');
  const manifest = join(folder, 'checkpoint.jsonl');
  await writeManifest(root, manifest);
  writeFileSync(join(root, 'log'), 'changed in normal life');
  const checks: IntegrityCheck[] = [{ kind: 'exists', glob: 'log' }];
  const now = () => checkIntegrity({ root, checks, checkpointManifest: manifest });
  expect((await now()).verdict).toBe('sound');
  writeFileSync(join(root, 'log'), '');
  expect(await now()).toMatchObject({ verdict: 'corrupt', results: [{}, { count: 1, paths: ['log'] }] });
  expect((await judge()).verdict).toBe('unknown');
});

function overwrite(file: string, from: number): void {
  const bytes = readFileSync(file);
  bytes.fill(0xa5, from, from + 3000);
  writeFileSync(file, bytes);
}
