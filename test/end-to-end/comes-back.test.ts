import { expect, it } from 'vitest';
import { chat } from '../../lab/ask.ts';
import { queries, rightAnswer } from '../../lab/content.ts';
import type { Fault } from '../../lab/faults.ts';
import { expectRestored } from './support/expect-restored.ts';
import { withPractice } from './support/practice.ts';

/** Whatever is wrong with the stable system itself: afterwards it gives right answers on the right image. */
it.each<[Fault, string]>([
  ['corrupt-volume', 'data-corruption'],
  ['stable-missing', 'service-disruption'],
  ['bad-image', 'emergency'],
  ['stable-paused', 'emergency'],
])(
  'serves right answers again after %s, on the way of %s',
  async (fault, scenario) => {
    await withPractice({}, async (practice) => {
      const { lab } = practice;
      await lab.breakIt(fault);
      const ended =
        scenario === 'emergency'
          ? await practice.rollback('emergency', '--reason', `practice: ${fault}`)
          : await practice.rollback('start', '--scenario', scenario, '--reason', `practice: ${fault}`, '--yes');
      expectRestored(practice, ended);
      for (const query of Object.values(queries)) {
        expect(await chat(lab.ports.stable, query)).toEqual({ status: 200, body: rightAnswer(query) });
      }
      const { stable } = await lab.containers();
      expect(stable?.state).toBe('running');
      expect(stable?.imageId).toBe(lab.entry().images?.stable);
    });
  },
  300_000,
);
