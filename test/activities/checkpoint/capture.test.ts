import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { captureCode } from '../../../activities/checkpoint/capture-code.ts';
import { captureConfiguration } from '../../../activities/checkpoint/capture-configuration.ts';
import { captureData } from '../../../activities/checkpoint/capture-data.ts';
import { captureImages } from '../../../activities/checkpoint/capture-images.ts';
import { captureSkills } from '../../../activities/checkpoint/capture-skills.ts';
import { measureBaseline } from '../../../activities/checkpoint/measure-baseline.ts';
import { orderPath } from '../../../activities/checkpoint/parts.ts';
import { sealCheckpoint } from '../../../activities/checkpoint/seal-checkpoint.ts';
import { checkpointFiles, openRoom } from '../../../activities/kernel/open-room.ts';
import { readCheckpoint } from '../../../activities/kernel/records.ts';
import type { ActBody } from '../../../activities/kernel/room.ts';
import { keepTarget } from '../../../activities/preparation/take-environment.ts';
import type { CheckpointRecord } from '../../../contract/records.ts';
import type { StepInput, StepResult } from '../../../contract/step.ts';
import { git } from '../../../lab/git.ts';
import { snapshotOf } from '../../../target/snapshot.ts';
import { type TestContainers, testContainers, until } from '../support/containers.ts';
import { roomFor, type TestRoom } from '../support/room.ts';

let made: TestContainers;
let test: TestRoom;
let server: Server;
let answers = 0;

beforeEach(async () => {
  made = await testContainers();
  server = createServer((_, response) => {
    answers += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ skills: [{ name: 'b' }, { name: 'a' }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/skills`;
  const target = {
    compose: { project: made.tag },
    data: [{ kind: 'path', name: 'data', path: 'data', exclude: ['*.tmp'] }],
    checks: [{ id: 'skills', title: 'skills', url, proves: [] }],
    skills: { check: 'skills', names: '/skills/*/name', expected: 'from-checkpoint' },
    performance: { samples: 4 },
  } as const;
  // The kernel opens a checkpoint's room where the checkpoint lies, and its target lies there too.
  test = await roomFor({ target });
  const files = checkpointFiles(test.room.layout, 'cp');
  keepTarget(files, test.target, snapshotOf(test.target).hash);
  writeFileSync(orderPath(files.dir), JSON.stringify({ by: 'kim@host', why: 'test', at: '2026-02-01T00:00:00.000Z' }));
  const { repository } = test;
  mkdirSync(join(repository, 'data'));
  writeFileSync(join(repository, 'data/state.json'), '{"well":true}\n');
  writeFileSync(join(repository, 'data/scratch.tmp'), 'no data\n');
  writeFileSync(
    join(repository, 'docker-compose.yml'),
    `version: '3.8'\nservices:\n  stable:\n    image: '${made.image}'\n    environment: { KEY: secret-value }\n`,
  );
  await git(repository, 'init', '-q', '-b', 'main');
  await git(repository, 'add', '.');
  await git(repository, 'commit', '-q', '-m', 'known good');
  await git(repository, 'tag', 'known-good');
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  // Containers first: they write into the folder.
  await made.removeAll();
  test.close();
});

/** Runs an act in the checkpoint's own folder, as the workers wire it. */
async function run<R extends StepResult>(act: ActBody<R>, input: Partial<StepInput> = {}): Promise<R> {
  attempt += 1;
  const signal = new AbortController().signal;
  const whole = { ...test.room.input, rollbackId: 'cp', key: `checkpoint.${act.name}`, ...input };
  const room = await openRoom(test.world, { input: whole, attempt, signal, progress: () => undefined }, 'checkpoint');
  try {
    return await act(room);
  } finally {
    room.close();
  }
}
let attempt = 0;

const data = { options: { root: 'data' } } as const;
const copy = (path: string) => join(test.room.layout.checkpoint('cp').dataDir('data'), path);

function stable(script = '', host = {}) {
  const labels = {
    'com.docker.compose.project': made.tag,
    'com.docker.compose.service': 'stable',
    'com.docker.compose.config-hash': 'abc',
  };
  return made.make({ script, labels, host });
}

async function removeImage(reference: string) {
  made.later(() => made.engine.getImage(reference).remove());
}

describe('a checkpoint', () => {
  it('is sealed last, holds its images by a tag of ours, and is found by a rollback', async () => {
    await stable();
    expect(await run(captureCode)).toMatchObject({ outcome: 'done' });
    await expect(run(sealCheckpoint)).rejects.toMatchObject({ kind: 'refused' });
    const heldBy = `durable-rollback/test:cp-stable`;
    await removeImage(heldBy);
    expect(await run(captureImages)).toMatchObject({ outcome: 'done', figures: { held: 1 } });
    expect(await run(captureImages)).toMatchObject({ outcome: 'already-done' });
    expect(await run(captureConfiguration)).toMatchObject({ outcome: 'done' });
    expect(await run(captureData, data)).toMatchObject({ outcome: 'done', figures: { files: 1 } });
    expect(await run(captureSkills)).toMatchObject({ figures: { skills: 2 } });
    answers = 0;
    expect(await run(measureBaseline)).toMatchObject({ outcome: 'done', figures: { samples: 4, errorRate: 0 } });
    expect(answers).toBe(4);

    expect(readCheckpoint(test.room)).toBeNull();
    expect(await run(sealCheckpoint)).toMatchObject({ outcome: 'done' });
    expect(await run(sealCheckpoint)).toMatchObject({ outcome: 'already-done' });

    const record = readCheckpoint(test.room) as CheckpointRecord;
    const commit = await git(test.repository, 'rev-parse', 'known-good^{commit}');
    expect(record).toMatchObject({
      id: 'cp',
      by: 'kim@host',
      createdAt: '2026-02-01T00:00:00.000Z',
      commit,
      skills: ['a', 'b'],
      images: [
        { service: 'stable', heldBy, configHash: 'abc', image: (await test.world.docker.imageId(made.image)) ?? '' },
      ],
      data: [{ root: 'data', copy: 'data/data', files: 1 }],
      baseline: { samples: 4 },
    });
    expect(await test.world.docker.imageId(heldBy)).toBe(record.images[0]?.image);
    const { dir } = test.room.layout.checkpoint('cp');
    expect(readFileSync(join(dir, record.configuration.file), 'utf8')).toContain('secret-value');
    expect(readFileSync(copy('state.json'), 'utf8')).toBe('{"well":true}\n');
    expect(existsSync(copy('scratch.tmp'))).toBe(false);

    const { dataDir } = test.room.layout.checkpoint('cp-2');
    keepTarget(checkpointFiles(test.room.layout, 'cp-2'), test.target, snapshotOf(test.target).hash);
    writeFileSync(join(test.repository, 'data/new.json'), '{}');
    expect(await run(captureData, { ...data, rollbackId: 'cp-2' })).toMatchObject({
      outcome: 'done',
      figures: { files: 2 },
      reason: expect.stringContaining('1 of them unchanged and shared with cp'),
    });
    expect(statSync(join(dataDir('data'), 'state.json')).ino).toBe(statSync(copy('state.json')).ino);
    expect(statSync(join(dataDir('data'), 'new.json')).nlink).toBe(1);
  });

  it('is not made of a system that does not run, nor of a copy that was changed since', async () => {
    expect(await run(captureImages)).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('stable') });
    const container = await stable();
    await container.stop({ t: 0 });
    expect(await run(captureImages)).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('exited') });

    await run(captureData, data);
    writeFileSync(copy('state.json'), '{"well":false}\n');
    expect(await run(captureData, data)).toMatchObject({ outcome: 'done' });
    expect(readFileSync(copy('state.json'), 'utf8')).toBe('{"well":true}\n');
    expect(await run(captureData, data)).toMatchObject({ outcome: 'already-done' });
  });
});

describe('data that change while they are copied', () => {
  it('are copied while their writer is paused, which runs again afterwards', async () => {
    const folder = join(test.repository, 'data');
    // Two files that belong together, written one after the other without end: never at rest.
    const script = `const fs = require('node:fs'); let n = 0;
      for (const name of ['a', 'b']) fs.writeFileSync('/data/' + name, '0');
      setInterval(() => { n += 1; fs.writeFileSync('/data/a', String(n)); fs.writeFileSync('/data/b', String(n)); }, 1);`;
    const container = await stable(script, { Binds: [`${folder}:/data`] });
    await until('the container to write', async () => existsSync(join(folder, 'b')));

    const result = await run(captureData, data);

    expect(result).toMatchObject({ outcome: 'done', reason: expect.stringContaining('was paused') });
    expect((await container.inspect()).State.Paused).toBe(false);
    const before = readFileSync(join(folder, 'a'), 'utf8');
    await until('the container to write again', async () => readFileSync(join(folder, 'a'), 'utf8') !== before);
    expect(existsSync(copy('b'))).toBe(true);
  });

  it('a writer that a killed attempt left paused runs again with the next one', async () => {
    const container = await stable('', { Binds: [`${join(test.repository, 'data')}:/data`] });
    const input = { ...test.room.input, rollbackId: 'cp', key: 'checkpoint.captureData' };
    const signal = new AbortController().signal;
    const room = await openRoom(test.world, { input, attempt: 1, signal, progress: () => undefined }, 'checkpoint');
    room.obligation(`thaw:${container.id}`, 'Unpause', { id: container.id, name: 'stable' });
    await test.world.docker.pause(container.id);
    room.close();

    await run(captureData, data);

    expect((await container.inspect()).State.Paused).toBe(false);
  });
});
