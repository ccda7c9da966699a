import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { asCommand } from './as-command.mjs';
import { runAttached } from './attached.mjs';
import { composeEnvironment } from './find-compose.mjs';
import { Missing } from './missing.mjs';
import { root } from './places.mjs';

/** `npm run rollback -- …`: the command as it was built. Nothing is fetched or built now: it may be the night of the incident. */
await asCommand(import.meta.url, async (args) => {
  const main = join(root, 'dist', 'client', 'main.js');
  if (!existsSync(main)) {
    throw new Missing('The rollback command is not built: there is no dist/client/main.js.', { todo: 'npm run setup' });
  }
  const env = { ...process.env, ...composeEnvironment() };
  // Where the user stands: npm changes into the project, and a target file is named from there.
  const cwd = (process.env.npm_lifecycle_event === 'rollback' && process.env.INIT_CWD) || process.cwd();
  return runAttached([process.execPath, main, ...args], { cwd, env });
});
