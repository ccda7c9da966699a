import { defineConfig } from 'vitest/config';

/** The sweep lasts too long for every run of the tests: it is started by `npm run test:kill`. */
export default defineConfig({
  test: {
    include: ['test/end-to-end/kill-sweep/sweep.ts'],
    testTimeout: 4 * 3_600_000,
    pool: 'forks',
  },
});
