import { seeded } from './seeded.ts';

export const victims = ['worker', 'server', 'worker and server', 'dockerd'] as const;
export type Victim = (typeof victims)[number];

/** Who dies, and when: so many milliseconds after the journal of the rollback has so many records. */
export interface PlannedKill {
  readonly victim: Victim;
  readonly afterRecords: number;
  readonly delayMs: number;
}

/** A full rollback of the practice system writes about as many records when nobody disturbs it. */
const usualRecords = 110;
const killsPerSeed = 4;
const longestDelayMs = 1_500;

/** The same seed gives the same kills; each kind of victim comes about as often as the others. */
export function planKills(seed: number): readonly PlannedKill[] {
  const random = seeded(seed);
  // Each in a stretch of its own: what died has to be at work again before the next one dies.
  const stretch = Math.floor(usualRecords / killsPerSeed);
  return Array.from({ length: killsPerSeed }, (_, n) => ({
    victim: victims[random.below(victims.length)] ?? 'worker',
    afterRecords: n * stretch + 1 + random.below(stretch),
    delayMs: random.below(longestDelayMs),
  }));
}

export function tellKill({ victim, afterRecords, delayMs }: PlannedKill): string {
  return `${victim} (${delayMs} ms after record ${afterRecords})`;
}
