import { defineConfig } from 'vitest/config';

/** Started by `npm run test:sweep-mutants`. */
export default defineConfig({
  test: { include: ['test/vault/sweep/mutants/sweep-mutants.ts'], testTimeout: 4 * 3_600_000, pool: 'forks' },
});
