import { z } from 'zod';
import { swept } from './operations.ts';

/** What `npm run test:sweep` was asked for; it hands it over as JSON in VAULT_SWEEP. */
const optionsSchema = z.strictObject({
  /** Only count the calls. */
  list: z.boolean(),
  /** One of the operations; null: all. */
  operation: z.string().nullable(),
  seed: z.int().nonnegative(),
  /** Points in all, chosen by the seed; null: every one. */
  count: z.int().positive().nullable(),
  /** Further files in the tree. */
  size: z.int().nonnegative(),
});

export type SweepOptions = Readonly<z.infer<typeof optionsSchema>>;

const all: SweepOptions = { list: false, operation: null, seed: 1, count: null, size: 0 };

/** @throws when an operation is asked for that there is none of, with those that there are */
export function sweepOptions(env: NodeJS.ProcessEnv): SweepOptions {
  const options = optionsSchema.parse(JSON.parse(env['VAULT_SWEEP'] ?? JSON.stringify(all)));
  if (options.operation !== null && swept[options.operation] === undefined) {
    throw new Error(`There is no operation ${options.operation}; there are ${Object.keys(swept).join(', ')}.`);
  }
  return options;
}
