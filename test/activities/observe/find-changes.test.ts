import { createHash } from 'node:crypto';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stackOf } from '../../../activities/containers/stack-of.ts';
import { findChanges } from '../../../activities/observe/find-changes.ts';
import { ensureDir } from '../../../vault/durable-file.ts';
import { type TestContainers, testContainers } from '../support/containers.ts';
import { type TestRecovery, testRecovery } from '../support/recovery.ts';

let made: TestContainers;
let test: TestRecovery;

beforeEach(async () => {
  made = await testContainers();
  test = await testRecovery({
    target: {
      compose: { project: made.tag },
      data: [
        { kind: 'path', name: 'data', path: 'data' },
        { kind: 'path', name: 'gone', path: 'gone' },
      ],
    },
  });
});
afterEach(async () => {
  await made.removeAll();
  test.close();
});

const compose = (level: string) =>
  `version: '3.8'\nservices:\n  stable:\n    image: '${made.image}'\n    environment: { LEVEL: '${level}' }\n`;

/** A container with the labels of compose. */
const service = (name: string) =>
  made.make({ labels: { 'com.docker.compose.project': made.tag, 'com.docker.compose.service': name } });

async function sealed() {
  const { room } = test.test;
  test.write('docker-compose.yml', compose('quiet'));
  test.write('app.js', 'one');
  for (const name of ['kept', 'changed', 'lost']) test.write(`data/${name}.json`, `{"name":"${name}"}`);
  test.write('gone/a.json', '{}');
  await test.tag();
  const { text } = await room.world.compose.config(stackOf(room, room.target.stable), room.marker);
  const { dir } = room.layout.checkpoint('cp');
  ensureDir(dir);
  writeFileSync(join(dir, 'configuration.yaml'), text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const image = (await room.world.docker.imageId(made.image)) ?? '';
  const held = { image, reference: made.image, heldBy: '', configHash: null };
  return test.seal({
    configuration: { file: 'configuration.yaml', sha256 },
    images: [{ service: 'stable', ...held }],
  });
}

const look = () => findChanges(test.test.room);

describe('changes since the checkpoint', () => {
  it('are none right after it was made', async () => {
    const record = await sealed();
    await service('stable');
    const report = await look();
    expect(report.checkpoint).toMatchObject({ id: 'cp', commit: record.commit });
    expect(report.commits).toMatchObject({ found: { ahead: 0, behind: 0, differing: 0, operation: null } });
    expect(report.images).toMatchObject({ found: [{ service: 'stable', what: 'same', state: 'running' }] });
    expect(report.configuration).toEqual({ found: [] });
    expect(report.experiment).toEqual({ found: [] });
    expect(report.data).toMatchObject([
      { root: 'data', changes: { found: { equal: 3, differing: 0, missing: 0, extra: 0, days: [] } } },
      { root: 'gone', changes: { found: { equal: 1 } } },
    ]);
  });

  it('are told part by part: commits, images, keys, the experiment, and data with bytes and days', async () => {
    await sealed();
    test.write('app.js', 'two');
    await test.git('commit', '-q', '-a', '-m', 'the experiment');
    test.write('app.js', 'three');
    test.write('docker-compose.yml', compose('loud'));
    test.write('data/changed.json', '{"name":"another"}');
    test.write('data/new.json', '{}');
    rmSync(join(test.repository, 'data/lost.json'));
    const at = (name: string, day: string) => utimesSync(join(test.repository, 'data', name), 0, new Date(day));
    at('changed.json', '2026-02-03T10:00:00.000Z');
    at('new.json', '2026-02-05T10:00:00.000Z');
    rmSync(join(test.repository, 'gone'), { recursive: true });
    const experiment = await service('experiment');
    const name = (await experiment.inspect()).Name.slice(1);

    const report = await look();

    expect(report.commits).toMatchObject({
      found: { ahead: 1, behind: 0, branch: 'main', list: [{ subject: 'the experiment' }], differing: 2 },
    });
    expect(report.images).toMatchObject({ found: [{ service: 'stable', what: 'no-container' }] });
    expect(report.configuration).toEqual({
      found: [{ service: 'stable', key: 'environment.LEVEL', what: 'changed' }],
    });
    expect(report.experiment).toEqual({ found: [{ name, state: 'running' }] });
    expect(report.data[0]).toMatchObject({
      changes: {
        found: {
          equal: 1,
          differing: 1,
          missing: 1,
          extra: 1,
          bytes: 20,
          changedSince: '2026-02-03T10:00:00.000Z',
          changedUntil: '2026-02-05T10:00:00.000Z',
          days: [
            { day: '2026-02-03', files: 1, bytes: 18 },
            { day: '2026-02-05', files: 1, bytes: 2 },
          ],
        },
      },
    });
    expect(report.data[1]).toMatchObject({ changes: { problem: expect.stringContaining('is not there') } });
  });

  it('without a recorded checkpoint are told as far as the git ref goes', async () => {
    test.write('app.js', 'one');
    test.write('data/a.json', '{}');
    const commit = await test.tag();
    const report = await look();
    expect(report.checkpoint).toEqual({ id: null, ref: 'known-good', commit, createdAt: null });
    expect(report.commits).toMatchObject({ found: { head: commit, ahead: 0 } });
    expect(report.configuration).toMatchObject({ problem: expect.stringContaining('no checkpoint') });
    expect(report.data[0]).toMatchObject({ changes: { problem: expect.stringContaining('no checkpoint') } });
  });
});
