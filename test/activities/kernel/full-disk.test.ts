import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { containExperiment } from '../../../activities/containers/contain-experiment.ts';
import { stopExperiment } from '../../../activities/containers/stop-experiment.ts';
import { captureFinalLogs } from '../../../activities/evidence/capture-final-logs.ts';
import { captureLiveLogs } from '../../../activities/evidence/capture-live-logs.ts';
import { readLogIndex } from '../../../activities/evidence/log-index.ts';
import { asActivity } from '../../../activities/kernel/act.ts';
import type { ActBody } from '../../../activities/kernel/room.ts';
import { freeBytes, keepBallast } from '../../../vault/ballast.ts';
import { readJournal } from '../../../vault/journal.ts';
import { canMount, type SmallDisk, withSmallDisk } from '../../support/small-disk.ts';
import { until } from '../support/containers.ts';
import { type TestSystems, testSystems } from '../support/systems.ts';

/** One container of an experiment, planned, whose state lies on a small disk. */
async function given(use: (systems: TestSystems, id: string, disk: SmallDisk) => Promise<void>): Promise<void> {
  await withSmallDisk(64, async (disk) => {
    const systems = await testSystems({ stateRoot: disk.path });
    try {
      const id = await systems.service('experiment', { script: `console.log('${'said '.repeat(100)}')` });
      await systems.plan();
      await use(systems, id, disk);
    } finally {
      await systems.close();
    }
  });
}

/** As the worker runs it: with the kernel around it. */
function run({ test }: TestSystems, act: ActBody, key = `immediateResponse.${act.name}`) {
  return new MockActivityEnvironment().run(asActivity(test.world, act), { ...test.room.input, key });
}

const stepsIn = ({ test }: TestSystems) => readJournal(test.room.rollback.journal).records.map(({ step }) => step);

describe.runIf(canMount)('an act whose disk is full', () => {
  it('contains and stops without any space, and journals it when there is some', async () => {
    await given(async (systems, id, disk) => {
      disk.fill();

      expect(await run(systems, containExperiment)).toMatchObject({ outcome: 'done', figures: { paused: 1 } });
      expect(await systems.stateOf(id)).toBe('paused');
      expect(await run(systems, stopExperiment)).toMatchObject({ outcome: 'done' });
      expect(await systems.stateOf(id)).toBe('exited');
      expect(stepsIn(systems)).not.toContain('immediateResponse.stopExperiment');

      disk.free();
      expect(await run(systems, containExperiment)).toMatchObject({ outcome: 'already-done' });
      const stops = readJournal(systems.test.room.rollback.journal).records.filter(
        (record) => record.kind === 'intent' && record.effect.target === id,
      );
      expect(stops.length).toBeGreaterThan(0);
      expect(systems.test.room.journal.unconfirmedIntents()).toEqual([]);
      expect(stepsIn(systems)).toContain('immediateResponse.stopExperiment');
    });
  });

  it('gives up the ballast first, and journals before it acts', async () => {
    await given(async (systems, id, disk) => {
      const { layout } = systems.test.room;
      expect(await keepBallast(layout.ballastFile, 16 * 1024 * 1024)).toBe('made');
      disk.fill();

      expect(await run(systems, containExperiment)).toMatchObject({ outcome: 'done' });

      expect(await systems.stateOf(id)).toBe('paused');
      expect(freeBytes(disk.path)).toBeGreaterThan(15 * 1024 * 1024);
      expect(stepsIn(systems)).toContain('immediateResponse.containExperiment');
    });
  });

  it('does nothing more when a newer rollback has the environment, with space or without', async () => {
    await given(async (systems, id, disk) => {
      disk.fill();
      const stale = { ...systems.test.room.input, epoch: 0, key: 'immediateResponse.containExperiment' };
      const acted = new MockActivityEnvironment().run(asActivity(systems.test.world, containExperiment), stale);
      await expect(acted).rejects.toMatchObject({ type: 'stale-attempt' });
      expect(await systems.stateOf(id)).toBe('running');
    });
  });

  it('keeps no evidence without space, leaves the ballast alone, and has it all when there is space', async () => {
    await given(async (systems, id, disk) => {
      const { layout } = systems.test.room;
      expect(await keepBallast(layout.ballastFile, 16 * 1024 * 1024)).toBe('made');
      disk.fill();
      await expect(run(systems, captureLiveLogs)).rejects.toMatchObject({ type: 'no-space' });
      expect(await keepBallast(layout.ballastFile, 16 * 1024 * 1024)).toBe('there');

      disk.free();
      await until('the container to have said it', async () => (await logOf(systems, id)).includes('said said'));
      expect(await run(systems, captureFinalLogs)).toMatchObject({ figures: { cut: 0, withoutLog: 0 } });
      expect(readLogIndex(systems.test.room)).toMatchObject([{ id, none: null, cut: null }]);
    });
  });
});

async function logOf({ test }: TestSystems, id: string): Promise<string> {
  const parts: Buffer[] = [];
  for await (const chunk of test.world.docker.logs(id, {})) parts.push(chunk.bytes);
  return Buffer.concat(parts).toString('utf8');
}
