import { z } from 'zod';

/** What `npm run test:kill` was asked for; it hands it over as JSON in KILL_SWEEP. */
const optionsSchema = z.strictObject({
  seed: z.int().nonnegative(),
  /** Kills in all; null: every boundary, and random moments beside. */
  count: z.int().positive().nullable(),
  /** `full`, `emergency`; null: both. */
  scene: z.enum(['full', 'emergency']).nullable(),
  /** Labs at the same time: most of a broken rollback is waiting. */
  labs: z.int().positive(),
});

export type SweepOptions = Readonly<z.infer<typeof optionsSchema>>;

export function sweepOptions(env: NodeJS.ProcessEnv): SweepOptions {
  return optionsSchema.parse(JSON.parse(env['KILL_SWEEP'] ?? '{"seed":1,"count":null,"scene":null,"labs":3}'));
}
