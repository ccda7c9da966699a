import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Unit } from '../../client/service-units.ts';
import { unitsOf } from '../../client/service-units.ts';
import { serverUnit, systemdPlaces, workerUnit } from '../../contract/processes.ts';
import { built, withDesk } from './support/command.ts';

beforeAll(built, 300_000);

/** No server is configured: the embedded one is meant. */
const alone = { TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined };

describe('rollback service', () => {
  it('prints units that systemd finds no fault with: the server of the host and the worker of the environment', async () => {
    await withDesk(async (desk) => {
      const { code, stdout, stderr } = await desk.rollbackWith(alone, 'service', '--print', '--json');
      expect(code, stderr).toBe(0);
      const { units } = JSON.parse(stdout) as { readonly units: readonly Unit[] };
      expect(units.map(({ name }) => name)).toEqual([serverUnit, workerUnit(desk.environment)]);
      expect(await faultsOf(units)).toBe('');
      for (const { text } of units) expect(text).toContain(`Environment=ROLLBACK_STATE_DIR=${desk.stateRoot}\n`);
      const shown = await desk.rollbackWith(alone, 'service', '--print');
      for (const { text } of units) expect(shown.stdout).toContain(text.trimEnd());
    });
  });

  it('has a worker only where a team has its own server', async () => {
    await withDesk(async (desk) => {
      const { stdout } = await desk.rollback('service', '--print', '--json');
      const { units } = JSON.parse(stdout) as { readonly units: readonly Unit[] };
      expect(units.map(({ name }) => name)).toEqual([workerUnit(desk.environment)]);
      expect(units[0]?.text).toMatch(/^ExecStart=.* --address 127\.0\.0\.1:\d+ --namespace default$/m);
      expect(units[0]?.text).not.toContain(serverUnit);
    });
  });

  it.runIf(!existsSync(systemdPlaces.running))(
    'changes nothing where systemd is not process 1, and says so',
    async () => {
      const before = unitsThere();
      await withDesk(async (desk) => {
        for (const args of [[], ['--remove']]) {
          const { code, stderr } = await desk.rollbackWith(alone, 'service', ...args);
          expect(code).toBe(6);
          expect(stderr).toContain('systemd is not process 1 here; nothing was changed.');
          expect(stderr).toContain('rollback service --print');
        }
      });
      expect(unitsThere()).toEqual(before);
    },
  );
});

it('writes paths and values that systemd reads as they are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'service test 100% $HOME "x" '));
  try {
    mkdirSync(join(folder, 'state'));
    const workersMain = join(folder, 'main.js');
    writeFileSync(workersMain, '');
    const units = unitsOf({
      environment: 'awkward',
      stateRoot: join(folder, 'state'),
      node: process.execPath,
      workersMain,
      variables: { PATH: '/usr/bin:/bin', DOCKER_HOST: 'unix:///run/a b.sock' },
      outside: null,
    });
    expect(await faultsOf(units)).toBe('');
    const [server] = units;
    expect(server?.text).toContain('"DOCKER_HOST=unix:///run/a b.sock"');
    expect(server?.text).toContain('100%% $$HOME \\"x\\" ');
    // What is no unit is found: the judge of the tests above can say no.
    const broken = units.map((unit) => ({ ...unit, text: unit.text.replace('Type=exec', 'Type=never') }));
    expect(await faultsOf(broken)).toContain('never');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What `systemd-analyze verify` says of our units; of units that this machine lacks (Docker's) it may say what it likes. */
async function faultsOf(units: readonly Unit[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'units-'));
  try {
    const files = units.map(({ name, text }) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    });
    const { exitCode, stderr } = await execa('systemd-analyze', ['verify', '--man=no', ...files], { reject: false });
    const ours = stderr.split('\n').filter((line) => files.some((file) => line.includes(basename(file))));
    return exitCode === 0 || ours.length > 0 ? ours.join('\n') : stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function unitsThere(): readonly string[] {
  return existsSync(systemdPlaces.units)
    ? readdirSync(systemdPlaces.units).filter((name) => name.startsWith('durable-rollback'))
    : [];
}
