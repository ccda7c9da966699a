import { join } from 'node:path';
import { asCommand } from './as-command.mjs';
import { runAttached } from './attached.mjs';
import { composeEnvironment } from './find-compose.mjs';
import { root } from './places.mjs';
import { setUp } from './steps.mjs';

/** `npm run bench [-- memory|log|files|containers|all]`: what a rollback costs, measured. */
await asCommand(import.meta.url, async (args) => {
  await setUp({ forTests: false });
  const env = { ...process.env, ...composeEnvironment() };
  return runAttached([process.execPath, join(root, 'dist', 'bench', 'main.js'), ...args], { cwd: root, env });
});
