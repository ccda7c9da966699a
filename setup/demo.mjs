import { join } from 'node:path';
import { asCommand } from './as-command.mjs';
import { runAttached } from './attached.mjs';
import { ensureBothComposes } from './compose.mjs';
import { composeEnvironment } from './find-compose.mjs';
import { root } from './places.mjs';
import { setUp } from './steps.mjs';

/** `npm run demo [-- arguments]`: a practice system is broken and rolled back. */
await asCommand(import.meta.url, async (args) => {
  await setUp({ forTests: false });
  // Who names one of the two means to have it, though another is there.
  if (args.some((arg) => arg.startsWith('--compose'))) await ensureBothComposes();
  const env = { ...process.env, ...composeEnvironment() };
  return runAttached([process.execPath, join(root, 'dist', 'lab', 'demo.js'), ...args], { cwd: root, env });
});
