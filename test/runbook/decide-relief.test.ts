import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decideRelief, noSamples, withSample } from '../../runbook/decide-relief.ts';

it('is better as soon as a row of good samples is complete, also at the last moment', () => {
  let state = noSamples;
  for (const good of [true, false, true]) state = withSample(state, good);
  expect(decideRelief(state, { needed: 2, nowMs: 5, untilMs: 10 })).toBe('watching');
  expect(decideRelief(state, { needed: 2, nowMs: 10, untilMs: 10 })).toBe('not-better');
  state = withSample(state, true);
  expect(decideRelief(state, { needed: 2, nowMs: 11, untilMs: 10 })).toBe('better');
});

it('says better exactly when the last samples were all good', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), fc.integer({ min: 1, max: 5 }), fc.boolean(), (samples, needed, late) => {
      const state = samples.reduce(withSample, noSamples);
      const row = samples.length >= needed && samples.slice(-needed).every((good) => good);
      const said = decideRelief(state, { needed, nowMs: late ? 20 : 0, untilMs: 10 });
      expect(said).toBe(row ? 'better' : late ? 'not-better' : 'watching');
      expect(state.taken).toBe(samples.length);
    }),
  );
});
