import { expect, it } from 'vitest';
import { ask } from '../../lab/ask.ts';
import { withPractice } from './support/practice.ts';

it('becomes data only and whole again in mid-flight; each time the difference is shown and what is left is planned anew', async () => {
  await withPractice({}, async (practice) => {
    const { lab } = practice;
    await lab.breakIt('half-migration');
    const before = await lab.containers();

    const waits = await practice.rollback('start', '--scenario', 'data-corruption', '--reason', 'the migration died');
    expect(waits.code, waits.text).toBe(8);
    expect((await lab.containers()).experiment?.state).toBe('exited');

    const unsure = await practice.rollback('scope', 'data-migration');
    expect(unsure.code).toBe(2);
    expect(unsure.text).toContain('only the data of the migration go back');
    expect((await practice.rollback('scope', 'data-migration', '--yes')).code).toBe(0);
    const asks = await practice.rollback('watch');
    expect(asks.code, asks.text).toBe(8);
    expect((await practice.rollback('answer', 'carry-out')).code).toBe(0);
    const swapped = await practice.rollback('watch', '--json');
    expect(swapped.text).toContain('migration');
    expect(await lab.containers()).toEqual(before);
    for (const port of [lab.ports.stable, lab.ports.experiment]) {
      expect((await ask(port, 'GET', '/health')).status).toBe(200);
    }

    expect((await practice.rollback('choose', 'data-migration', '--yes')).code).toBe(5);
    expect((await practice.rollback('scope', 'full', '--yes')).code).toBe(0);
    const again = await practice.rollback('watch');
    expect(again.code, again.text).toBe(8);
    expect((await practice.rollback('answer', 'carry-out')).code).toBe(0);
    const ended = await practice.rollback('watch');
    expect([0, 3], ended.text).toContain(ended.code);
    expect((await lab.containers()).experiment?.state).toBe('exited');
    const items = new Map(practice.judgement().items.map(({ id, status }) => [id, status]));
    expect(items.get('experiment-out')).toBe('pass');
    expect(items.get('git-clean')).toBe('pass');
    expect(items.get('load-reduced')).toBe('not-applicable');
  });
}, 600_000);
