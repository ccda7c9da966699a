import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { endingsOf } from './support/engine-events.ts';
import { type Practice, withPractice } from './support/practice.ts';

const start = ['start', '--scenario', 'service-disruption', '--reason', 'practice', '--yes'] as const;

it('refuses what it cannot carry out with one clear error, and changes nothing', async () => {
  await withPractice({ checkpoint: false }, async (practice) => {
    const { lab, events } = practice;
    const already = events.seen.length;

    const unknown = await withTarget(practice, [/checkpoint: .*/, 'checkpoint: no-such-tag'], () =>
      practice.rollback(...start),
    );
    expect(unknown.text).toContain('no-such-tag is no tag, branch or commit');
    expect(unknown.code).toBe(2);

    const faults = await withTarget(practice, [/primary: .*/, 'primary: nobody\n  colour: blue'], () =>
      practice.rollback(...start),
    );
    expect(faults.text).toContain('colour');
    expect(faults.text).toContain('nobody');
    expect(faults.code).toBe(2);

    const containers = Object.values(await lab.containers());
    expect(
      endingsOf(
        events.seen.slice(already),
        containers.map(({ id }) => id),
      ),
    ).toEqual([]);
    expect(containers.map(({ state }) => state)).toEqual(containers.map(() => 'running'));
  });
}, 200_000);

it('refuses a second rollback while one runs, and says who, since when and why', async () => {
  await withPractice({}, async (practice) => {
    const first = practice.beside('start', '--scenario', 'service-disruption', '--reason', 'the first one', '--yes');
    await practice.journalHas('the first rollback', ({ step }) => step.startsWith('immediateResponse.'));
    const second = await practice.rollback(...start);
    expect(second.code).toBe(5);
    expect(second.text).toContain('the first one');
    expect(second.text).toMatch(/20\d\d-\d\d-\d\d/);
    expect([0, 3]).toContain((await first.ended).code);
  });
}, 300_000);

it('says at once which tool is missing, and starts nothing', async () => {
  await withPractice({ checkpoint: false, until: 'stable' }, async (practice) => {
    const noDocker = { DOCKER_HOST: `unix://${join(practice.lab.folder, 'none.sock')}` };
    const withoutDocker = await practice.rollbackWith(noDocker, ...start);
    expect(withoutDocker.text).toMatch(/Docker/);
    expect(withoutDocker.code).toBe(6);
    // The next worker is to see the other environment.
    expect((await practice.rollback('down', '--force')).code).toBe(0);

    const already = practice.events.seen.length;
    const withoutCompose = await practice.rollbackWith({ ROLLBACK_COMPOSE: '/nowhere/docker-compose' }, ...start);
    expect(withoutCompose.text).toContain('/nowhere/docker-compose');
    expect(withoutCompose.code).toBe(6);
    const containers = Object.values(await practice.lab.containers());
    const ids = containers.map(({ id }) => id);
    expect(endingsOf(practice.events.seen.slice(already), ids)).toEqual([]);
  });
}, 200_000);

/** Runs something with one line of the target file changed, and puts it back. */
async function withTarget<T>(
  { lab }: Practice,
  [line, instead]: readonly [RegExp, string],
  run: () => Promise<T>,
): Promise<T> {
  const text = readFileSync(lab.targetFile, 'utf8');
  expect(text).toMatch(line);
  writeFileSync(lab.targetFile, text.replace(line, instead));
  try {
    return await run();
  } finally {
    writeFileSync(lab.targetFile, text);
  }
}
