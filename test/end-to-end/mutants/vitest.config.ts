import { defineConfig } from 'vitest/config';

/** Mutants take longer than the tests that they try: they are started by `npm run test:mutants`. */
export default defineConfig({
  test: {
    include: ['test/end-to-end/mutants/*mutants.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 4 * 3_600_000,
    pool: 'forks',
    fileParallelism: false,
  },
});
