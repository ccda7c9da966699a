import { defineConfig } from 'vitest/config';

/** The whole sweep lasts too long for every run of the tests: it is started by `npm run test:sweep`. */
export default defineConfig({
  test: {
    include: ['test/vault/sweep/full/sweep.ts'],
    testTimeout: 8 * 3_600_000,
    hookTimeout: 600_000,
    pool: 'forks',
  },
});
