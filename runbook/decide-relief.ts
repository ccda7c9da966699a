/** The watch over a limited experiment (runbook, "Scenario 2": keep both running, with monitoring). */
export interface ReliefState {
  /** Samples so far. */
  readonly taken: number;
  /** Good ones in a row, up to the last. */
  readonly good: number;
}

export type Relief = 'better' | 'watching' | 'not-better';

export const noSamples: ReliefState = { taken: 0, good: 0 };

/** One that could not be taken proves nothing and breaks the row, like a bad one. */
export function withSample({ taken, good }: ReliefState, isGood: boolean): ReliefState {
  return { taken: taken + 1, good: isGood ? good + 1 : 0 };
}

/**
 * Better is a row of good samples, whenever it is complete; not better is a watch that ends without one. Pure.
 * @param needed length of the row, at least 1
 */
export function decideRelief(
  state: ReliefState,
  rule: { readonly needed: number; readonly nowMs: number; readonly untilMs: number },
): Relief {
  if (state.good >= rule.needed) return 'better';
  return rule.nowMs >= rule.untilMs ? 'not-better' : 'watching';
}
