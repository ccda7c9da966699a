import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeSafetyCopy } from '../../../activities/data/make-safety-copy.ts';
import { restoreData } from '../../../activities/data/restore-data.ts';
import { type TestRecovery, testRecovery } from '../support/recovery.ts';

/** A data disk that was not mounted after a reboot leaves an empty folder: refused, not "empty", and not filled. */
const root = process.getuid?.() === 0;
const sbin = { env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` } };

let made: TestRecovery;
let disk: string;
let image: string;
/** The block device of the image: as after a reboot, the same one is mounted again. */
let device: string;
let mounted = false;

beforeEach(async () => {
  if (!root) return;
  made = await testRecovery({
    target: {
      data: [
        {
          kind: 'path',
          name: 'data',
          path: '../disk/data',
          restore: 'always',
          checks: [{ kind: 'json', files: ['**/*.json'] }],
        },
      ],
    },
  });
  disk = join(made.test.dir, 'disk');
  image = join(made.test.dir, 'disk.image');
  mkdirSync(disk);
  await execa('truncate', ['-s', '64M', image]);
  await execa('mkfs.ext4', ['-q', '-F', image], sbin);
  device = (await execa('losetup', ['--find', '--show', image], sbin)).stdout;
  await mount();
  mkdirSync(join(disk, 'data'));
  writeFileSync(join(disk, 'data', 'state.json'), '{"well":true}\n');
  made.write('README.md', 'read me\n');
  await made.tag();
  await made.seal();
});
afterEach(async () => {
  if (!root) return;
  if (mounted) await unmount();
  await execa('losetup', ['--detach', device], sbin);
  made.close();
});

async function mount(): Promise<void> {
  await execa('mount', [device, disk], sbin);
  mounted = true;
}

async function unmount(): Promise<void> {
  await execa('umount', [disk], sbin);
  mounted = false;
}

it.runIf(root)(
  'is refused while the disk is away, whatever lies in its place, and nothing is written there',
  async () => {
    await unmount();
    for (const inItsPlace of ['nothing', 'an empty folder'] as const) {
      if (inItsPlace === 'an empty folder') mkdirSync(join(disk, 'data'));
      const { findings, plan, planned } = await made.plan();
      expect(findings.roots[0]).toMatchObject({ integrity: 'unknown', changes: null });
      expect(findings.roots[0]?.reasons[0]).toMatch(/its disk is not mounted: .*the checkpoint's on .*\/disk/);
      expect(plan.roots).toMatchObject([{ action: 'leave', source: null }]);
      expect(planned.steps.map(({ step }) => step)).not.toContain('restoreData');
      expect(readdirSync(disk)).toEqual(inItsPlace === 'nothing' ? [] : ['data']);
    }
    expect(readdirSync(join(disk, 'data'))).toEqual([]);
  },
);

it.runIf(root)(
  'is refused by the restore itself when the disk went away after the planning; with the disk it goes on',
  async () => {
    writeFileSync(join(disk, 'data', 'state.json'), '{"well":');
    const { planned } = await made.plan();
    expect(planned.steps.map(({ step }) => step)).toContain('restoreData');
    await made.run(makeSafetyCopy);
    const restore = () => made.run(restoreData, { options: { root: 'data' } });
    await unmount();
    mkdirSync(join(disk, 'data'));
    await expect(restore()).rejects.toThrow(/its disk is not mounted; nothing was changed/);
    expect(readdirSync(join(disk, 'data'))).toEqual([]);

    await mount();
    expect((await restore()).outcome).toBe('done');
    expect(readFileSync(join(disk, 'data', 'state.json'), 'utf8')).toBe('{"well":true}\n');
  },
);
