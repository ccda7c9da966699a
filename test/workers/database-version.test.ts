import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findTemporalCli } from '../../setup/find-temporal.mjs';
import { ensureServer, readServerInfo, stopServer } from '../../workers/embedded-server.ts';
import { serverPlaces } from '../../workers/places.ts';

let stateRoot: string;

beforeEach(() => {
  stateRoot = mkdtempSync(join(tmpdir(), 'database-version-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await stopServer(stateRoot);
  rmSync(stateRoot, { recursive: true, force: true });
});

it('a database of another CLI is refused by name with what to use, and that is used', async () => {
  const { database, databaseVersion, info } = serverPlaces(stateRoot);
  const cli = findTemporalCli();
  await ensureServer(stateRoot);
  await stopServer(stateRoot);
  expect(readFileSync(databaseVersion, 'utf8').trim()).toBe(cli.version);

  writeFileSync(databaseVersion, '1.8.0\n');
  rmSync(info);
  const refused = ensureServer(stateRoot);
  await expect(refused).rejects.toThrow(`${database} was made by the Temporal CLI 1.8.0`);
  await expect(refused).rejects.toThrow(new RegExp(`has ${cli.version}.*TEMPORAL_CLI_PATH=<temporal 1\\.8\\.0>`));
  expect(readServerInfo(stateRoot)).toBeUndefined();

  // The other CLI, as far as its version tells.
  const other = join(stateRoot, 'temporal');
  writeFileSync(
    other,
    `#!/bin/sh\nif [ "$1" = --version ]; then echo temporal version 1.8.0; else exec '${cli.path}' "$@"; fi\n`,
  );
  chmodSync(other, 0o755);
  vi.stubEnv('TEMPORAL_CLI_PATH', other);
  expect((await ensureServer(stateRoot)).info.cliVersion).toBe('1.8.0');
}, 180_000);

it('without the note of the database, the last server tells its version', async () => {
  await ensureServer(stateRoot);
  await stopServer(stateRoot);
  const { databaseVersion, info } = serverPlaces(stateRoot);
  rmSync(databaseVersion);
  const last = JSON.parse(readFileSync(info, 'utf8')) as object;
  writeFileSync(info, JSON.stringify({ ...last, cliVersion: '1.7.2' }));
  await expect(ensureServer(stateRoot)).rejects.toThrow(/Temporal CLI 1\.7\.2/);
}, 180_000);
