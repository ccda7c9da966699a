import { createInterface } from 'node:readline';
import { claimFence, fenceHere, raiseEpoch } from '../../../vault/epoch.ts';
import { environmentLayout } from '../../../vault/layout.ts';
import { takeLock } from '../../../vault/lock.ts';

/**
 * Says `ready`, waits for a line, tries to get what it is told to, prints what came of it, and lives until its input
 * ends: several of these at once are a race.
 */
const [what = '', folder = '', name = ''] = process.argv.slice(2);

function attempt(): string {
  const layout = environmentLayout(folder, 'lab');
  switch (what) {
    case 'lock': {
      const why = 'a race';
      const since = '2026-01-01T00:00:00.000Z';
      const holder = {
        environment: name,
        rollbackId: name,
        who: name,
        host: 'h',
        since,
        why,
        server: 's',
        stateDir: '/',
        composeProject: 'p',
        repository: '/',
      };
      return takeLock('key', holder, [`${folder}/locks`]).kind;
    }
    case 'epoch':
      return String(raiseEpoch(layout, { rollbackId: name, why: 'a race', at: '2026-01-01T00:00:00.000Z' }));
    default:
      return claimFence(layout, fenceHere({ epoch: 1, step: 'restoreData', schedule: 1, attempt: 1 })).kind;
  }
}

console.log('ready');
const lines = createInterface({ input: process.stdin });
lines.once('line', () => console.log(attempt()));
