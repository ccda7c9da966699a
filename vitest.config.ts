import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Real engines and servers answer when they can: these limits end a hang, they are no measurement.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    pool: 'forks',
    // Tests wait for engines and servers more than they compute: one worker per core less one would leave a core idle.
    maxWorkers: 2,
  },
});
