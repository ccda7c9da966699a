import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeSafetyCopy } from '../../../activities/data/make-safety-copy.ts';
import { readStaging } from '../../../activities/data/note-staging.ts';
import { restoreData } from '../../../activities/data/restore-data.ts';
import { verifyData } from '../../../activities/data/verify-data.ts';
import { readSafetyCopy } from '../../../vault/safety-copy.ts';
import { canMount, withSmallDisk } from '../../support/small-disk.ts';
import { testRecovery } from '../support/recovery.ts';

const root = { kind: 'path', name: 'data', path: 'data', checks: [{ kind: 'json', files: ['*.json'] }] } as const;

it.runIf(canMount)(
  'data for whose copy there is no space are moved aside instead, and not a byte is lost',
  async () => {
    // The copy of twelve MiB does not fit beside the space that is left to others.
    await withSmallDisk(28, async (disk) => {
      const made = await testRecovery({ target: { data: [root] }, stateRoot: disk.path });
      try {
        made.write('.gitignore', 'data/\n');
        made.write('data/state.json', '{"well":true}\n');
        await made.tag();
        await made.seal();
        const large = Buffer.alloc(12 * 1024 * 1024, 'of today ');
        made.write('data/state.json', '{"torn');
        made.write('data/new.bin', large);
        await made.plan();

        const kept = await made.run(makeSafetyCopy);

        expect(kept).toMatchObject({ outcome: 'done', figures: { asideOnly: 1 } });
        expect(kept.reason).toContain('no space for a copy of data: recorded, and moved aside by the restore');
        const { safetyDir } = made.test.room.rollback;
        expect(readSafetyCopy(safetyDir)?.roots).toMatchObject([{ how: 'aside', data: null, bytes: large.length + 6 }]);
        expect(existsSync(join(safetyDir, 'data', 'data'))).toBe(false);

        expect(await made.run(restoreData, { options: { root: 'data' } })).toMatchObject({ outcome: 'done' });
        expect(made.read('data/state.json')).toBe('{"well":true}\n');
        const aside = join(readStaging(made.test.room).find(({ what }) => what === 'data')?.aside ?? '', 'kept');
        expect(readFileSync(join(aside, 'new.bin')).equals(large)).toBe(true);
        expect(readFileSync(join(aside, 'state.json'), 'utf8')).toBe('{"torn');
        expect(await made.run(verifyData)).toMatchObject({ outcome: 'done' });
      } finally {
        made.close();
      }
    });
  },
);
