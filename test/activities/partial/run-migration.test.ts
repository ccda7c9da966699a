import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeSafetyCopy } from '../../../activities/data/make-safety-copy.ts';
import { restoreData } from '../../../activities/data/restore-data.ts';
import { verifyData } from '../../../activities/data/verify-data.ts';
import { planPartial } from '../../../activities/partial/plan-partial.ts';
import { migratedRoots, runMigration } from '../../../activities/partial/run-migration.ts';
import { type TestRecovery, testRecovery } from '../support/recovery.ts';

const original = '{"format": 1}\n';
const bad = 'echo broken > data/a.json\n';
const mended = `echo '{"format": 2}' > data/a.json\n`;

let recovery: TestRecovery;
let partial: string;

beforeEach(async () => {
  recovery = await testRecovery({
    target: {
      data: [{ kind: 'path', name: 'data', path: 'data', checks: [{ kind: 'json', files: ['**/*.json'] }] }],
      partial: {
        migration: {
          roots: ['data'],
          command: ['sh', 'migrate.sh'],
          files: ['migrate.sh'],
          check: { command: ['grep', '-q', 'format', 'data/a.json'] },
        },
      },
    },
  });
  recovery.write('data/a.json', original);
  recovery.write('migrate.sh', bad);
  await recovery.tag();
  await recovery.seal();
  recovery.scenario('data-migration');
  recovery.write('data/a.json', 'broken\n');
  partial = (await recovery.run(planPartial, { key: 'partial.planPartial' })).hash;
  await recovery.plan();
  await recovery.run(makeSafetyCopy);
});

afterEach(() => recovery.close());

const run = (n: number) =>
  recovery.run(runMigration, { key: `partial.runMigration:${n}`, options: { sample: n }, plans: { partial } });
const takeBack = (n: number) =>
  recovery.run(restoreData, { key: `partial.restoreData:data:${n}`, options: { root: 'data' } });

it('puts only the data of the migration back, and leaves the repository where it is', async () => {
  const { plan } = await recovery.plan();
  expect(plan.git.returnTo).toBeNull();
  expect(plan.roots).toMatchObject([{ root: 'data', action: 'put-back', source: 'checkpoint' }]);
  await takeBack(0);
  expect(recovery.read('data/a.json')).toBe(original);
  expect((await recovery.run(verifyData)).outcome).toBe('done');
});

it('refuses a migration that is what has failed before, and runs nothing', async () => {
  await takeBack(0);
  expect(await run(1)).toMatchObject({ outcome: 'skipped', figures: { unchanged: true } });
  expect(recovery.read('data/a.json')).toBe(original);
  recovery.write('migrate.sh', mended);
  expect((await run(2)).outcome).toBe('done');
  expect(recovery.read('data/a.json')).toBe('{"format": 2}\n');
  expect(migratedRoots(recovery.test.room)).toEqual(['data']);
});

it('finds a mended one that fails its check, takes it back to the byte, and refuses it from then on', async () => {
  await takeBack(0);
  recovery.write('migrate.sh', `${bad}# mended, or so they say\n`);
  expect(await run(1)).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('check of the migration') });
  expect(recovery.read('data/a.json')).toBe('broken\n');
  await takeBack(1);
  expect(recovery.read('data/a.json')).toBe(original);
  expect((await run(2)).outcome).toBe('skipped');
  expect(migratedRoots(recovery.test.room)).toEqual([]);
});

it('finds data that are corrupt although the check of the migration passes', async () => {
  await takeBack(0);
  recovery.write('migrate.sh', 'echo "format: broken" > data/a.json\n');
  expect(await run(1)).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('corrupt') });
});

it('does not run one again whose run was cut off: it has to be taken back', async () => {
  await takeBack(0);
  recovery.write('migrate.sh', mended);
  expect((await run(1)).outcome).toBe('done');
  recovery.write('data/a.json', 'half\n');
  expect(await run(1)).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('cut off') });
  expect(recovery.read('data/a.json')).toBe('half\n');
});

it('runs nothing where nothing could take it back', async () => {
  recovery.write('migrate.sh', mended);
  rmSync(join(recovery.test.room.rollback.safetyDir), { recursive: true });
  rmSync(recovery.test.room.layout.checkpointsDir, { recursive: true });
  await expect(run(1)).rejects.toThrow(/nothing to take data back from/);
  expect(recovery.read('data/a.json')).toBe('broken\n');
});
