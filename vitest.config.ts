import { defineConfig } from 'vitest/config';
import { ScenesFirst } from './test/support/scenes-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Real engines and servers answer when they can: these limits end a hang, they are no measurement.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    pool: 'forks',
    // Tests wait for engines and servers more than they compute: two cores are busy with four files.
    maxWorkers: 4,
    sequence: { sequencer: ScenesFirst },
  },
});
