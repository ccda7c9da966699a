import { statfsSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { readServerFile, readWorkerFile } from '../../client/process-files.ts';
import { wantedOomScore } from '../../contract/processes.ts';
import { chat } from '../../lab/ask.ts';
import { queries, rightAnswer } from '../../lab/content.ts';
import { experimentFile, labLabel } from '../../lab/names.ts';
import { environmentLayout } from '../../vault/layout.ts';
import { mayLowerOomScore, readOomScore } from '../../vault/oom-score.ts';
import { pollUntil } from '../support/poll.ts';
import { canMount } from '../support/small-disk.ts';
import { makeCheckpoint, type Practice, withPractice } from './support/practice.ts';

const mebibyte = 1024 * 1024;
const why = ['--reason', 'it eats the machine'] as const;

/** Takes memory, then all of the disk and a core: again as soon as there is a byte to be had. */
const glutton = `
  const { openSync, writeSync } = require('node:fs');
  const memory = Buffer.alloc(512 * 1024 * 1024, 1);
  const eaten = openSync('/disk/eaten', 'a');
  const block = memory.subarray(0, 65536);
  for (let size = block.length; ; ) {
    try { writeSync(eaten, block, 0, size); size = block.length; } catch { size = Math.max(1, size >> 1); }
  }`;

it.runIf(canMount)(
  'an experiment that eats disk, memory and processor is paused before all else, and the stable system serves',
  async () => {
    await withPractice({ until: 'stable', checkpoint: false }, async (practice) => {
      await onSmallDisk(practice, async () => {
        const { lab, environment, events } = practice;
        await makeCheckpoint(practice);
        const { ballastFile } = environmentLayout(lab.stateDir, environment);
        await pollUntil(
          'the ballast',
          () => sizeOf(ballastFile),
          (size) => size > 0,
        );
        await lab.experimentUp();
        const eater = await startGlutton(practice);
        await pollUntil(
          'the disk to be full',
          () => freeOn(lab.stateDir),
          (free) => free === 0,
          120_000,
        );
        const already = events.seen.length;

        const first = await practice.rollback('emergency', ...why);

        // Whoever fills the disk has the ballast as well, unless he is stopped before it is given up.
        const done = events.seen.slice(already).filter(({ id }) => id === eater.id);
        expect(done[0], first.text).toMatchObject({ action: 'pause' });
        expect(first.text).toMatch(/experiment is paused before all else\.[\s\S]*The ballast is given up/);
        expect(await stateOf(practice, eater.id)).toMatchObject({ Running: false, Paused: false });
        expect((await chat(lab.ports.stable, queries.basic)).body).toEqual(rightAnswer(queries.basic));
        // What cannot be had without space may be an exception, and nothing else may be.
        expect([0, 3], first.text).toContain(first.code);
        expectScores(practice);

        unlinkSync(join(lab.stateDir, 'eaten'));
        const again = await practice.rollback('emergency', ...why, '--json');
        expect([0, 3], again.text).toContain(again.code);
        expect(await stateOf(practice, eater.id)).toMatchObject({ Running: false, Paused: false });
        expect((await chat(lab.ports.stable, queries.basic)).body).toEqual(rightAnswer(queries.basic));
      });
    });
  },
  900_000,
);

/** The state folder gets a disk of its own, as a host may have it; the lab itself lies beside it. */
async function onSmallDisk({ lab, rollback }: Practice, use: () => Promise<void>): Promise<void> {
  await execa('mount', ['-t', 'tmpfs', '-o', 'size=320m,mode=0755', 'small-disk', lab.stateDir]);
  try {
    await use();
  } finally {
    await rollback('down', '--force');
    await execa('umount', ['-l', lab.stateDir]);
  }
}

/** As a further service of the experiment's compose file would be: the selector finds it by its labels. */
async function startGlutton({ lab }: Practice): Promise<{ readonly id: string }> {
  const container = await lab.docker.createContainer({
    name: `glutton-${lab.id}`,
    Image: lab.entry().images?.base ?? '',
    Cmd: ['node', '-e', glutton],
    Labels: {
      [labLabel]: lab.id,
      'com.docker.compose.project': lab.project,
      'com.docker.compose.service': 'glutton',
      'com.docker.compose.project.working_dir': lab.repository,
      'com.docker.compose.project.config_files': experimentFile,
    },
    HostConfig: { Binds: [`${lab.stateDir}:/disk`], Memory: 700 * mebibyte, RestartPolicy: { Name: 'always' } },
  });
  await container.start();
  return { id: container.id };
}

/** Read from the kernel: both have the wanted score, or no raised one where this account may not lower it. */
function expectScores({ lab, environment }: Practice): void {
  const pids = [readServerFile(lab.stateDir)?.pid, readWorkerFile(lab.stateDir, environment)?.pid];
  for (const pid of pids) {
    const score = readOomScore(pid ?? -1);
    expect(score).toBeDefined();
    expect(score).toBeLessThanOrEqual(
      mayLowerOomScore() ? wantedOomScore : Math.max(0, readOomScore(process.pid) ?? 0),
    );
  }
}

async function stateOf({ lab }: Practice, id: string) {
  return (await lab.docker.getContainer(id).inspect()).State;
}

function freeOn(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
