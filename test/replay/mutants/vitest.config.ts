import { defineConfig } from 'vitest/config';

/** All mutants take minutes: they are started by `npm run test:replay-mutants`. */
export default defineConfig({
  test: {
    include: ['test/replay/mutants/all-mutants.ts'],
    testTimeout: 3_600_000,
    pool: 'forks',
  },
});
