import { defineConfig } from 'vitest/config';

/** Recording is no test: it has a configuration of its own, which nothing runs but a person. */
export default defineConfig({
  test: {
    include: ['test/replay/record.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 120_000,
    pool: 'forks',
  },
});
