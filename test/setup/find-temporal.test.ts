import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findTemporalCli } from '../../setup/find-temporal.mjs';
import { temporalCliVersion } from '../../setup/versions.mjs';
import { temporaryFolder, writeAt, writeCommand } from './folder.ts';

function cached(cache: string): string {
  return join(cache, 'durable-rollback', `temporal-${temporalCliVersion}`, 'temporal');
}

it('takes the command that TEMPORAL_CLI_PATH names before the one that set-up installed', () => {
  const folder = temporaryFolder();
  writeCommand(cached(folder), 'never asked');
  const named = writeCommand(join(folder, 'mine'), 'temporal version 1.8.2 (Server 1.31.0, UI 2.50.0)');
  const found = findTemporalCli({ XDG_CACHE_HOME: folder, TEMPORAL_CLI_PATH: named });
  expect(found).toEqual({ path: named, version: '1.8.2' });
});

it('takes the installed one by its place and starts no process for its version', () => {
  const folder = temporaryFolder();
  const file = writeCommand(cached(folder), 'temporal version 0.0.0-DEV', 1);
  expect(findTemporalCli({ XDG_CACHE_HOME: folder })).toEqual({ path: file, version: temporalCliVersion });
});

it('says what was looked for and what to do when there is none', () => {
  const folder = temporaryFolder();
  const find = (): unknown => findTemporalCli({ XDG_CACHE_HOME: folder });
  expect(find).toThrow(cached(folder));
  expect(find).toThrow('TEMPORAL_CLI_PATH is not set');
  expect(find).toThrow('npm run setup');
});

it('takes no file that cannot be executed', () => {
  const folder = temporaryFolder();
  writeAt(cached(folder), 'half a download');
  expect(() => findTemporalCli({ XDG_CACHE_HOME: folder })).toThrow('is not installed');
});

it('does not fall back when TEMPORAL_CLI_PATH names nothing or something else', () => {
  const folder = temporaryFolder();
  writeCommand(cached(folder), 'never asked');
  const other = writeCommand(join(folder, 'other'), 'ls (GNU coreutils)');
  const broken = writeCommand(join(folder, 'broken'), 'temporal version 1.9.1', 3);
  const find = (path: string) => (): unknown => findTemporalCli({ XDG_CACHE_HOME: folder, TEMPORAL_CLI_PATH: path });
  expect(find(join(folder, 'nothing'))).toThrow('not there or not executable');
  expect(find(other)).toThrow('does not answer --version');
  expect(find(broken)).toThrow('does not answer --version');
});
