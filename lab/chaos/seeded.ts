/** Numbers that look random and are the same for the same seed. */
export interface Seeded {
  /** From 0 up to, not including, `below`; whole. */
  below(below: number): number;
  shuffle<T>(values: readonly T[]): readonly T[];
}

/** mulberry32: small, and good enough to choose moments. */
export function seeded(seed: number): Seeded {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    shuffle(values) {
      const left = [...values];
      const shuffled: (typeof values)[number][] = [];
      while (left.length > 0) shuffled.push(...left.splice(below(left.length), 1));
      return shuffled;
    },
  };
}
