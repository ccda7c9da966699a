import { linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BackupPair, findBackups } from '../../vault/backups.ts';
import { showPath } from '../../vault/path-text.ts';
import { bytesIn, scratch } from './fixtures.ts';
import { awkwardName } from './names.ts';

function pairsOf(found: readonly BackupPair[]): string[] {
  return found.map(({ backup, original, originalState }) =>
    [showPath(backup), showPath(original), originalState.kind].join(' → '),
  );
}

test('each backup is paired with what it is a backup of, and says in what state both are', async () => {
  const root = scratch();
  mkdirSync(join(root, 'deep/with space'), { recursive: true });
  writeFileSync(join(root, 'deep/with space/x.json.backup'), 'good');
  utimesSync(join(root, 'deep/with space/x.json.backup'), 1_600_000_000, 1_600_000_000);
  writeFileSync(join(root, 'deep/with space/x.json'), 'bad!');
  writeFileSync(join(root, 'gone.backup'), '');
  mkdirSync(join(root, 'd'));
  writeFileSync(join(root, 'd.backup'), 'of a folder');
  symlinkSync('x', join(root, 'l'));
  writeFileSync(join(root, 'l.backup'), 'of a link');
  const found = await findBackups(root);
  expect(pairsOf(found)).toEqual([
    'd.backup → d → other',
    'deep/with space/x.json.backup → deep/with space/x.json → file',
    'gone.backup → gone → absent',
    'l.backup → l → other',
  ]);
  expect(found[1]).toMatchObject({ backupBytes: 4, zeroByte: false, backupMtime: '2020-09-13T12:26:40.000Z' });
  expect(found[2]).toMatchObject({ backupBytes: 0, zeroByte: true });
});

test('folders, links and files with nothing before the ending are no backups; what lies in such a folder is looked at', async () => {
  const root = scratch();
  mkdirSync(join(root, 'd.backup'));
  writeFileSync(join(root, 'd.backup/inside.backup'), 'x');
  symlinkSync('/etc/hostname', join(root, 'link.backup'));
  writeFileSync(join(root, '.backup'), 'x');
  writeFileSync(join(root, 'x.backup.old'), 'x');
  expect(pairsOf(await findBackups(root))).toEqual(['d.backup/inside.backup → d.backup/inside → absent']);
});

test('any name is paired byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(awkwardName, async (name) => {
      const root = scratch();
      writeFileSync(bytesIn(root, Buffer.concat([name, Buffer.from('.backup')])), 'x');
      const found = await findBackups(root);
      expect(found.map(({ original }) => original.toString('hex'))).toEqual([name.toString('hex')]);
    }),
    { numRuns: 40 },
  );
});

test('patterns of the target decide what counts, each with its own ending', async () => {
  const root = scratch();
  mkdirSync(join(root, 'old'));
  for (const name of ['a.json.bak', 'old/b.json~', 'c.json.backup', 'a.json.bak2'])
    writeFileSync(join(root, name), 'x');
  linkSync(join(root, 'a.json.bak'), join(root, 'z.json.bak'));
  expect(pairsOf(await findBackups(root, { patterns: ['*.bak', 'old/*~'] }))).toEqual([
    'a.json.bak → a.json → absent',
    'old/b.json~ → old/b.json → absent',
    'z.json.bak → z.json → absent',
  ]);
});

test('a pattern that chooses between endings pairs each of them', async () => {
  const root = scratch();
  for (const name of ['a.backup', 'b.bak', 'c.BAK']) writeFileSync(join(root, name), 'x');
  expect(pairsOf(await findBackups(root, { patterns: ['*.{backup,bak}', '*.[Bb]AK'] }))).toEqual([
    'a.backup → a → absent',
    'b.bak → b → absent',
    'c.BAK → c → absent',
  ]);
});
