import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RecordDamaged } from '../../vault/errors.ts';
import { holdersOf, holderText, type LockHolder, lockKey, readLock, releaseLock, takeLock } from '../../vault/lock.ts';
import { compiledChildren } from './compiled.ts';
import { contenders } from './contenders.ts';
import { scratch } from './fixtures.ts';

const child = compiledChildren();

const holder: LockHolder = {
  environment: 'shop',
  rollbackId: 'shop-1',
  who: 'ada',
  host: 'h1',
  since: '2026-01-01T00:00:00.000Z',
  why: 'skills are gone',
  server: 'local',
  stateDir: '/var/lib/x',
  composeProject: 'shop',
  repository: '/srv/shop',
};
const other: LockHolder = { ...holder, environment: 'shop-under-another-name', rollbackId: 'other-1', who: 'bob' };

function twoPlaces(): [first: string, second: string] {
  const folder = scratch();
  return [join(folder, 'run-lock'), join(folder, 'fallback')];
}

test('a second rollback is refused and told who holds the lock, since when and why; everybody can read it', () => {
  const places = twoPlaces();
  const taken = takeLock('key', holder, places);
  expect(taken).toMatchObject({ kind: 'taken', place: 'run-lock' });
  expect(takeLock('key', other, places)).toEqual({ kind: 'held', path: taken.path, holder });
  expect(readLock('key', places)).toEqual(holder);
  expect(statSync(taken.path).mode & 0o777).toBe(0o644);
  expect(statSync(places[0]).mode & 0o7777).toBe(0o1777);
});

test('who may not ask the engine finds the holder by compose project and repository, in any of the folders', () => {
  const places = twoPlaces();
  const mine = { composeProject: 'shop', repository: '/srv/shop' };
  expect(holdersOf(mine, places)).toEqual([]);
  takeLock('a'.repeat(64), holder, places);
  takeLock('b'.repeat(64), other, [places[1]]);
  writeFileSync(join(places[0], '.tmp-1-half'), '{');
  expect(holdersOf(mine, places)).toEqual([holder, other]);
  expect(holdersOf({ ...mine, composeProject: 'q' }, places)).toEqual([]);
  expect(holdersOf({ ...mine, repository: '/srv' }, places)).toEqual([]);
  expect(holderText(holder)).toMatch(/shop-1 .*ada at 2026-01-01.*skills are gone.*local.*\/var\/lib\/x/);
});

test('another system is not held', () => {
  const places = twoPlaces();
  takeLock('key', holder, places);
  expect(takeLock('another key', other, places).kind).toBe('taken');
});

test('the key is daemon, compose project and the real path of the repository', () => {
  const folder = scratch();
  mkdirSync(join(folder, 'repository'));
  symlinkSync('repository', join(folder, 'link'));
  const system = { daemonId: 'd', composeProject: 'p', repository: join(folder, 'repository') };
  const key = lockKey(system);
  expect(lockKey({ ...system, repository: join(folder, 'link') })).toBe(key);
  expect(lockKey({ ...system, repository: join(folder, 'gone') })).not.toBe(key);
  expect(lockKey({ ...system, daemonId: 'e' })).not.toBe(key);
  expect(lockKey({ ...system, composeProject: 'q' })).not.toBe(key);
});

test('the lock of a process that died is still the rollback’s: others are refused, the same rollback has it again', () => {
  const folder = scratch();
  const places = [join(folder, 'locks')];
  const args = [child('contend'), 'lock', folder, 'dead'];
  expect(spawnSync(process.execPath, args, { input: 'go\n', encoding: 'utf8' }).stdout).toBe('ready\ntaken\n');
  expect(takeLock('key', other, places)).toMatchObject({ kind: 'held', holder: { rollbackId: 'dead' } });
  const same = { ...other, environment: 'dead', rollbackId: 'dead' };
  expect(takeLock('key', same, places).kind).toBe('already-mine');
});

test('of several processes that reach for it at once exactly one gets it', async () => {
  const folder = scratch();
  const told = await contenders(['a', 'b', 'c', 'd'], (name) =>
    spawn(process.execPath, [child('contend'), 'lock', folder, name], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  expect(told.sort()).toEqual(['held', 'held', 'held', 'taken']);
  expect(readdirSync(join(folder, 'locks'))).toEqual(['key.json']);
});

test('a lock in the fallback folder counts for those who could use the first one', () => {
  const [first, second] = twoPlaces();
  expect(takeLock('key', holder, [second]).kind).toBe('taken');
  expect(takeLock('key', other, [first, second])).toMatchObject({ kind: 'held', holder });
  expect(takeLock('key', holder, [first, second])).toMatchObject({ kind: 'already-mine', place: 'fallback' });
  writeFileSync(join(second, 'no-folder'), '');
  expect(takeLock('free', holder, [join(second, 'no-folder'), second])).toMatchObject({ place: 'fallback' });
});

test.each([
  ['empty', ''],
  ['cut off', '{"environment":"shop"'],
  ['of other content', '{"pid":1}'],
])('a lock file that is %s is neither taken nor removed: a person has to look', (_, content) => {
  const places = twoPlaces();
  const { path } = takeLock('key', holder, places);
  writeFileSync(path, content);
  expect(() => takeLock('key', other, places)).toThrow(RecordDamaged);
  expect(() => takeLock('key', other, places)).toThrow(path);
  expect(() => releaseLock('key', holder.rollbackId, places)).toThrow(RecordDamaged);
  expect(readFileSync(path, 'utf8')).toBe(content);
});

test('only the rollback that holds the lock gives it back', () => {
  const places = twoPlaces();
  takeLock('key', holder, places);
  expect(releaseLock('key', other.rollbackId, places)).toBe('held-by-other');
  expect(readLock('key', places)).toEqual(holder);
  expect(releaseLock('key', holder.rollbackId, places)).toBe('released');
  expect(releaseLock('key', holder.rollbackId, places)).toBe('not-held');
  expect(takeLock('key', other, places).kind).toBe('taken');
});
