import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { owePolicy, oweStable } from '../../../activities/containers/stable-obligations.ts';
import { closeRollback } from '../../../activities/documentation/close-rollback.ts';
import { ActFailure } from '../../../activities/kernel/failures.ts';
import { identityNote, identityOf } from '../../../activities/kernel/identity.ts';
import { lockKeyOf, takeHostLock } from '../../../activities/preparation/take-environment.ts';
import type { Ending } from '../../../contract/step.ts';
import { readLock } from '../../../vault/lock.ts';
import { type TestContainers, testContainers } from '../support/containers.ts';
import { roomFor, type TestRoom } from '../support/room.ts';

let containers: TestContainers;
let test: TestRoom;
let key: string;

beforeEach(async () => {
  containers = await testContainers();
  test = await roomFor({ target: { compose: { project: containers.tag } } });
  const identity = await identityOf(test.world);
  key = lockKeyOf(identity, test.target);
  takeHostLock(test.world, identity, {
    target: test.target,
    id: test.room.input.rollbackId,
    by: { account: 'kim', uid: 1, host: 'here' },
    why: 'test',
    server: 'test server',
  });
});

afterEach(async () => {
  // A test that fails half-way leaves its lock; another's is never touched.
  if (readLock(key) !== undefined) await closeRollback(ended('cancelled'));
  test.close();
  await containers.removeAll();
});

describe('closeRollback', () => {
  it('starts the stable container that is still owed, gives its policy back, and proves both by inspect', async () => {
    const container = await stableContainer({ Name: 'unless-stopped', MaximumRetryCount: 0 });
    await stopAsOwed(container.id);
    mkdirSync(test.room.rollback.reportDir, { recursive: true });
    writeFileSync(join(test.room.rollback.reportDir, 'incident-report.md'), '# Report\n');

    const result = await closeRollback(ended('finished'));
    expect(result).toMatchObject({
      outcome: 'done',
      figures: { openObligations: 0, reportPath: join(test.room.rollback.reportDir, 'incident-report.md') },
    });
    const { State, HostConfig } = await container.inspect();
    expect(State.Running).toBe(true);
    expect(HostConfig.RestartPolicy?.Name).toBe('unless-stopped');
    expect(test.room.journal.openObligations()).toEqual([]);
    expect(readLock(key)).toBeUndefined();
    expect(notes()).toContain('closed');

    const { StartedAt } = (await container.inspect()).State;
    await closeRollback(ended('finished'));
    expect((await container.inspect()).State.StartedAt).toBe(StartedAt);
  });

  it('leaves open what cannot be done any more, counts it, and frees the environment all the same', async () => {
    const container = await stableContainer({ Name: 'always', MaximumRetryCount: 0 });
    await stopAsOwed(container.id);
    await container.remove({ force: true });
    const result = await closeRollback(ended('finished'));
    expect(result.figures).toMatchObject({ openObligations: 1 });
    expect(result.figures).not.toHaveProperty('reportPath');
    expect(result.reason).toContain('Start the stable system again');
    expect(test.room.journal.openObligations().map(({ id }) => id)).toEqual(['stable-serves']);
    expect(readLock(key)).toBeUndefined();
  });

  it('frees the environment also when Docker does not answer any more', async () => {
    const { daemonId, machineId, endpoint } = await identityOf(test.world);
    const { epoch, key: step } = test.room.input;
    const at = new Date().toISOString();
    const detail = { daemonId, machineId, endpoint };
    test.room.journal.append({ at, epoch, step, schedule: 1, attempt: 1, kind: 'note', text: identityNote, detail });
    const silent = () => Promise.reject(new ActFailure('docker-unavailable', 'Docker gave no answer.'));
    const docker = { ...test.world.docker, info: silent, list: silent, inspect: silent };
    const room = { ...ended('finished'), world: { ...test.world, docker } };
    expect((await closeRollback(room)).outcome).toBe('done');
    expect(readLock(key)).toBeUndefined();
  });

  it.each(['cancelled', 'gave-up'] as const)(
    '%s: not closed in the journal, and nobody else is kept out',
    async (ending) => {
      await closeRollback(ended(ending));
      expect(notes()).not.toContain('closed');
      expect(notes()).toContain('left open for resume');
      expect(readLock(key)).toBeUndefined();
    },
  );
});

function ended(ending: Ending) {
  return { ...test.room, input: { ...test.room.input, options: { ending } } };
}

function notes(): readonly string[] {
  return test.room.journal.records().flatMap((record) => (record.kind === 'note' ? [record.text] : []));
}

function stableContainer(RestartPolicy: { Name: string; MaximumRetryCount: number }) {
  const labels = { 'com.docker.compose.project': containers.tag, 'com.docker.compose.service': 'stable' };
  return containers.make({ labels, host: { RestartPolicy } });
}

/** As the steps before do it: entered as owed, then policy `no` and stopped. */
async function stopAsOwed(id: string): Promise<void> {
  const { docker } = test.world;
  const facts = await docker.inspect(id);
  if (facts === undefined) throw new Error('The container is gone.');
  oweStable(test.room, [{ facts }]);
  owePolicy(test.room, facts);
  await docker.setRestartPolicy(id, { name: 'no', maximumRetryCount: 0 });
  await docker.stop(id, 1);
}
