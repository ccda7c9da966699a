import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFileDurably, ensureDir, writeFileDurably } from '../../vault/durable-file.ts';
import { BadName } from '../../vault/errors.ts';
import { defaultStateRoot, environmentLayout, stateRootFrom } from '../../vault/layout.ts';
import { machineIdentity } from '../../vault/machine-identity.ts';
import { scratch } from './fixtures.ts';

const refused = [
  '',
  '.',
  '..',
  '../up',
  'a/b',
  '-rf',
  '.hidden',
  'with space',
  'line\nbreak',
  'é',
  'a\0b',
  'x'.repeat(129),
];

test.each(refused)('the name %j cannot become part of a path in the state folder', (name) => {
  const layout = environmentLayout('/state', 'lab');
  expect(() => environmentLayout('/state', name)).toThrow(BadName);
  expect(() => layout.rollback(name)).toThrow(BadName);
  expect(() => layout.checkpoint(name)).toThrow(BadName);
  expect(() => layout.checkpoint('c1').dataDir(name)).toThrow(BadName);
  expect(() => layout.checkpoint('c1').manifest(name)).toThrow(BadName);
});

test('everything of an environment lies below its own folder, and nothing is made by asking', () => {
  const state = scratch();
  const layout = environmentLayout(state, 'lab.1_x-2');
  const { checkpoint, rollback, environment, root, ...folders } = layout;
  const files = [...Object.values(folders), ...Object.values(rollback('r1')).filter((value) => value !== 'r1')];
  for (const path of files) expect(String(path)).toMatch(new RegExp(`^${state}/lab\\.1_x-2/`));
  expect(readdirSync(state)).toEqual([]);
});

test('the state lies where the variable says, else at the host’s fixed place', () => {
  expect(stateRootFrom({ ROLLBACK_STATE_DIR: '/x' })).toBe('/x');
  expect(stateRootFrom({ ROLLBACK_STATE_DIR: '' })).toBe(defaultStateRoot);
  expect(stateRootFrom({})).toBe(defaultStateRoot);
});

test('a file is written whole or not at all, with its mode whatever the umask', () => {
  const folder = scratch();
  const umask = process.umask(0o077);
  try {
    writeFileDurably(join(folder, 'record'), 'one');
    ensureDir(join(folder, 'a/b'));
  } finally {
    process.umask(umask);
  }
  expect(statSync(join(folder, 'record')).mode & 0o777).toBe(0o640);
  expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o750);
  // A folder of that name: the rename fails, and no half-written file stays.
  mkdirSync(join(folder, 'taken/inside'), { recursive: true });
  expect(() => writeFileDurably(join(folder, 'taken'), 'two')).toThrow();
  expect(readdirSync(folder).sort()).toEqual(['a', 'record', 'taken']);
  expect(createFileDurably(join(folder, 'record'), 'two')).toBe(false);
  expect(readFileSync(join(folder, 'record'), 'utf8')).toBe('one');
});

test('a file in the way of a folder is told, not replaced', () => {
  const folder = scratch();
  writeFileSync(join(folder, 'file'), 'x');
  expect(() => ensureDir(join(folder, 'file/below'))).toThrow(/ENOTDIR/);
  expect(() => ensureDir(join(folder, 'file'))).toThrow(/ENOTDIR/);
});

test('this machine is the same one every time it is asked, and its id is not given away', () => {
  const state = join(scratch(), 'state');
  const first = machineIdentity(state);
  expect(machineIdentity(state)).toEqual(first);
  expect(first.machineId).toMatch(/^[0-9a-f]{32}$/);
  expect(first.bootId).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  if (first.source === 'machine-id') {
    expect(first.machineId).not.toBe(readFileSync('/etc/machine-id', 'utf8').trim());
    expect(existsSync(state)).toBe(false);
  } else expect(spawnSync('test', ['-f', join(state, 'machine-id')]).status).toBe(0);
});
