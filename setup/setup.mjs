import { asCommand } from './as-command.mjs';
import { say } from './say.mjs';
import { setUp } from './steps.mjs';

/** `npm run setup [-- --for-tests]` */
await asCommand(import.meta.url, async (args) => {
  await setUp({ forTests: args.includes('--for-tests') });
  say('all is there');
});
