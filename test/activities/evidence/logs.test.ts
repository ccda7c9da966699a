import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { stopExperiment } from '../../../activities/containers/stop-experiment.ts';
import { captureFinalLogs } from '../../../activities/evidence/capture-final-logs.ts';
import { captureLiveLogs } from '../../../activities/evidence/capture-live-logs.ts';
import { readLogIndex } from '../../../activities/evidence/log-index.ts';
import { until } from '../support/containers.ts';
import { type SystemsOptions, type TestSystems, testSystems } from '../support/systems.ts';

let systems: TestSystems;

afterEach(() => systems.close());

async function given(options: SystemsOptions = {}): Promise<void> {
  systems = await testSystems(options);
}

function kept(id: string, stage: string): string {
  const log = readLogIndex(systems.test.room).find((one) => one.id === id && one.stage === stage);
  return log?.file ? readFileSync(log.file, 'utf8') : '';
}

const evidence = (name: string) => join(systems.test.room.rollback.evidenceDir, name);

/** Both streams are read at once, so that the last line written may not be the last one in the log. */
async function said(id: string, ...texts: readonly string[]): Promise<void> {
  await until(`the container to say ${texts.join(', ')}`, async () => {
    const parts: Buffer[] = [];
    for await (const chunk of systems.test.world.docker.logs(id, {})) parts.push(chunk.bytes);
    const log = Buffer.concat(parts);
    return texts.every((text) => log.includes(text));
  });
}

const talkative =
  "process.on('SIGTERM', () => { console.log('last word'); process.exit(0); });" +
  "for (let n = 0; n < 3000; n++) console.log('line ' + n); console.error('all said')";

describe('logs', () => {
  it('are kept with timestamps for their owner only, and the final ones go on where the live ones ended', async () => {
    await given();
    const id = await systems.service('experiment', { script: talkative });
    await said(id, 'line 2999', 'all said');
    await systems.plan();

    const result = await systems.run(captureLiveLogs);

    expect(result).toMatchObject({ outcome: 'done', figures: { containers: 1, cut: 0 } });
    const live = kept(id, 'live').trimEnd().split('\n');
    expect(live).toHaveLength(3001);
    expect(live).toContainEqual(expect.stringMatching(/^\d{4}-\d\d-\d\dT\S+Z line 2999$/));
    const [log] = readLogIndex(systems.test.room);
    expect(statSync(log?.file ?? '').mode & 0o777).toBe(0o600);
    expect(await systems.run(captureLiveLogs)).toMatchObject({ outcome: 'already-done' });

    await systems.run(stopExperiment);
    expect(await systems.run(captureFinalLogs)).toMatchObject({ outcome: 'done' });
    expect(kept(id, 'final')).toMatch(/^\S+Z last word\n$/);
    expect(await systems.run(captureFinalLogs)).toMatchObject({ outcome: 'already-done' });
  });

  it('of an attempt that was ended half-way count for nothing: the next one keeps all', async () => {
    await given();
    const id = await systems.service('experiment', { script: talkative });
    await said(id, 'line 2999', 'all said');
    await systems.plan();
    const room = await systems.test.again({ key: 'immediateResponse.captureLiveLogs' });
    const abort = new AbortController();
    const { docker } = room.world;
    const ending = {
      ...docker,
      async *logs(...args: Parameters<typeof docker.logs>) {
        for await (const chunk of docker.logs(...args)) {
          yield chunk;
          abort.abort(new Error('the worker is asked to stop'));
        }
      },
    };
    const ended = { ...room, signal: abort.signal, world: { ...room.world, docker: ending } };
    await expect(captureLiveLogs(ended)).rejects.toThrow('the worker is asked to stop');
    expect(readLogIndex(room)).toEqual([]);

    await systems.run(captureLiveLogs);
    expect(kept(id, 'live').trimEnd().split('\n')).toHaveLength(3001);
  });

  it('of a long one keep the beginning and the last lines within the limit, and say what is missing', async () => {
    await given({ target: { evidence: { limits: { logBytesPerContainer: '32KiB' } } } });
    const id = await systems.service('experiment', { script: talkative });
    await said(id, 'line 2999', 'all said');
    await systems.plan();

    const result = await systems.run(captureLiveLogs);

    expect(result.figures).toMatchObject({ cut: 1 });
    const text = kept(id, 'live');
    expect(text.length).toBeLessThan(33 * 1024);
    expect(text).toContain(' line 0\n');
    expect(text).not.toContain(' line 1500\n');
    expect(text).toContain('the lines between its beginning and its end are not here');
    expect(text).toContain(' line 2999\n');
    await systems.run(stopExperiment);
    await systems.run(captureFinalLogs);
    expect(kept(id, 'final')).toMatch(/^\S+Z last word\n$/);
  });

  it('are told to be none where the driver keeps none, and those of the others are kept', async () => {
    await given();
    const silent = await systems.service('experiment', { host: { LogConfig: { Type: 'none', Config: {} } } });
    const other = await systems.service('cache', { script: "console.log('heard')" });
    await said(other, 'heard');
    await systems.plan();

    const result = await systems.run(captureLiveLogs);

    expect(result).toMatchObject({ outcome: 'done', figures: { containers: 2, withoutLog: 1 } });
    expect(result.reason).toContain('its log driver is none');
    expect(readLogIndex(systems.test.room).find(({ id }) => id === silent)).toMatchObject({ file: null });
    expect(kept(other, 'live')).toContain('heard');
  });
});

describe('what the experiment leaves', () => {
  it('is kept: results, files, a path of a stopped container; and what is missing is told', async () => {
    await given({
      target: {
        evidence: {
          results: ['results'],
          files: ['note.txt', 'nowhere.txt'],
          containerPaths: [{ container: 'nobody-of-this-name', path: '/tmp' }],
        },
      },
    });
    const { repository } = systems.test;
    mkdirSync(join(repository, 'results', 'deep'), { recursive: true });
    writeFileSync(join(repository, 'results', 'deep', 'run 1.json'), '{"score":1}');
    writeFileSync(join(repository, 'note.txt'), 'noted');
    const id = await systems.service('experiment', { script: 'process.exit(4)' });
    await until('the exit', async () => (await systems.stateOf(id)) === 'exited');
    await systems.plan();

    const result = await systems.run(captureFinalLogs);

    expect(result).toMatchObject({ outcome: 'done', figures: { sources: 4, missing: 2, notKept: 0 } });
    expect(result.reason).toContain('nowhere.txt');
    const sources = JSON.parse(readFileSync(evidence('sources.json'), 'utf8')) as { at: string | null }[];
    expect(readFileSync(join(sources[0]?.at ?? '', 'deep', 'run 1.json'), 'utf8')).toBe('{"score":1}');
    expect(readFileSync(sources[1]?.at ?? '', 'utf8')).toBe('noted');
    expect(existsSync(join(repository, 'results', 'deep', 'run 1.json'))).toBe(true);
    expect(JSON.parse(readFileSync(evidence('exit-states.json'), 'utf8'))).toMatchObject({
      containers: [{ id, state: 'exited', exitCode: 4, oomKilled: false }],
    });
  });

  it('is kept behind a link, and with names that are no text', async () => {
    await given({ target: { evidence: { results: ['results'] } } });
    const { repository } = systems.test;
    mkdirSync(join(repository, 'elsewhere'));
    writeFileSync(Buffer.concat([Buffer.from(`${repository}/elsewhere/run-`), Buffer.from([0xff])]), 'scored');
    symlinkSync('elsewhere', join(repository, 'results'));
    await systems.plan();

    expect(await systems.run(captureFinalLogs)).toMatchObject({ figures: { sources: 1, missing: 0, notKept: 0 } });

    const [source] = JSON.parse(readFileSync(evidence('sources.json'), 'utf8')) as { at: string; bytes: number }[];
    expect(source?.bytes).toBe(6);
    const [name] = readdirSync(source?.at ?? '', { encoding: 'buffer' });
    expect(name).toEqual(Buffer.from([...Buffer.from('run-'), 0xff]));
  });

  it('is unknown where it is there and too large to be kept', async () => {
    await given({ target: { evidence: { files: ['large.bin'], limits: { fileBytes: '1KiB' } } } });
    writeFileSync(join(systems.test.repository, 'large.bin'), Buffer.alloc(2048));
    await systems.plan();
    const result = await systems.run(captureFinalLogs);
    expect(result).toMatchObject({ outcome: 'unknown', figures: { notKept: 1 } });
    expect(result.reason).toContain('more than the target');
  });

  it('reads a path inside a container, stopped as it is', async () => {
    const nameIn = (tag: string) => `${tag}-writer`;
    await given({
      target: (tag) => ({ evidence: { containerPaths: [{ container: nameIn(tag), path: '/tmp/result.txt' }] } }),
    });
    const script = "require('fs').writeFileSync('/tmp/result.txt', 'forty-two'); process.exit(0)";
    const id = await systems.service('experiment', { name: nameIn(systems.made.tag), script });
    await until('the exit', async () => (await systems.stateOf(id)) === 'exited');
    await systems.plan();
    expect(await systems.run(captureFinalLogs)).toMatchObject({ outcome: 'done', figures: { missing: 0 } });
    const [source] = JSON.parse(readFileSync(evidence('sources.json'), 'utf8')) as { at: string }[];
    expect(readFileSync(source?.at ?? '', 'latin1')).toContain('forty-two');
  });
});
