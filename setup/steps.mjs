import { ensureBuild } from './build.mjs';
import { ensureBothComposes, ensureCompose } from './compose.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { ensureDocker } from './docker.mjs';
import { ensureTemporalCli } from './temporal-cli.mjs';
import { ensureTestTools } from './test-tools.mjs';

/**
 * Finds or makes all that is needed; says and does nothing where all is there.
 * @param {{ forTests: boolean }} settings
 */
export async function setUp({ forTests }) {
  await ensureDependencies();
  await ensureBuild();
  await ensureTemporalCli();
  await ensureDocker();
  await (forTests ? ensureBothComposes() : ensureCompose());
  if (forTests) await ensureTestTools();
}
