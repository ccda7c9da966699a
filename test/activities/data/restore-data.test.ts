import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeSafetyCopy } from '../../../activities/data/make-safety-copy.ts';
import { readStaging } from '../../../activities/data/note-staging.ts';
import { restoreData } from '../../../activities/data/restore-data.ts';
import { verifyData } from '../../../activities/data/verify-data.ts';
import { writeManifest } from '../../../vault/manifest/write.ts';
import { runTool } from '../../../vault/run-tool.ts';
import { readSafetyCopy } from '../../../vault/safety-copy.ts';
import { type TestContainers, testContainers } from '../support/containers.ts';
import { type TestRecovery, testRecovery } from '../support/recovery.ts';
import type { TargetSections } from '../support/room.ts';

let recovery: TestRecovery | undefined;
let containers: TestContainers | undefined;
afterEach(async () => {
  await containers?.removeAll();
  containers = undefined;
  recovery?.close();
  recovery = undefined;
});

const json = { kind: 'json', files: ['**/*.json'] } as const;
const path = { kind: 'path', name: 'data', path: 'data', checks: [json] } as const;
const data = { options: { root: 'data' } } as const;

async function withTarget(roots: TargetSections['data'], ignored = true): Promise<TestRecovery> {
  const made = await testRecovery({ target: { data: roots } });
  recovery = made;
  made.write('README.md', 'read me\n');
  if (ignored) made.write('.gitignore', 'data/\n');
  made.write('data/state.json', '{"well":true}\n');
  made.write('data/deep/notes.txt', 'notes\n');
  symlinkSync('../data', join(made.repository, 'data/loop'));
  await made.tag();
  return made;
}

describe('putting a data root back from the checkpoint', () => {
  it('makes it exactly the checkpoint again, keeps every replaced byte, and says already-done the second time', async () => {
    const made = await withTarget([path]);
    await made.seal();
    made.write('data/state.json', '{"torn');
    made.write('data/deep/notes.txt', 'of today\n');
    made.write('data/new.txt', 'made since\n');
    const { planned, plan } = await made.plan();
    expect(plan.roots).toMatchObject([{ action: 'put-back', source: 'checkpoint' }]);
    expect(planned.steps.map(({ step }) => step)).toEqual([
      'makeSafetyCopy',
      'restoreData',
      'verifyData',
      'startStableOnPins',
    ]);
    expect(planned.discards).toMatchObject([{ files: 3, keptAt: 'safety/data/data' }]);

    await expect(made.run(restoreData, data)).rejects.toMatchObject({ kind: 'refused' });
    expect(made.read('data/state.json')).toBe('{"torn');
    expect(await made.run(verifyData)).toMatchObject({ outcome: 'failed' });
    expect(await made.run(makeSafetyCopy)).toMatchObject({ outcome: 'done' });

    expect(await made.run(restoreData, data)).toMatchObject({ outcome: 'done', figures: { movedAside: 3 } });

    expect(made.read('data/state.json')).toBe('{"well":true}\n');
    expect(made.read('data/deep/notes.txt')).toBe('notes\n');
    expect(existsSync(join(made.repository, 'data/new.txt'))).toBe(false);
    const kept = join(readStaging(made.test.room).find(({ what }) => what === 'data')?.aside ?? '', 'kept');
    const safe = join(made.test.room.rollback.safetyDir, 'data', 'data');
    for (const place of [kept, safe]) {
      expect(readFileSync(join(place, 'state.json'), 'utf8')).toBe('{"torn');
      expect(readFileSync(join(place, 'deep/notes.txt'), 'utf8')).toBe('of today\n');
      expect(readFileSync(join(place, 'new.txt'), 'utf8')).toBe('made since\n');
    }
    expect(await made.run(verifyData)).toMatchObject({ outcome: 'done' });
    expect(await made.run(restoreData, data)).toMatchObject({ outcome: 'already-done' });
    expect(await made.run(makeSafetyCopy)).toMatchObject({ outcome: 'already-done' });
    expect(readFileSync(join(safe, 'state.json'), 'utf8')).toBe('{"torn');
  });

  it('killed in the middle it is finished by the next attempt, and an emergency finishes it too', async () => {
    const made = await withTarget([path]);
    await made.seal();
    made.write('data/state.json', '{"torn');
    for (let n = 0; n < 12; n += 1) made.write(`data/new-${n}.txt`, `made since ${n}\n`);
    await made.plan();
    await made.run(makeSafetyCopy);
    const room = await made.test.again({ key: 'dataRecovery.restoreData:data', ...data });
    let left = 12;
    const beforeEffect = () => {
      room.beforeEffect();
      left -= 1;
      if (left < 0) throw new Error('killed');
    };
    await expect(restoreData({ ...room, beforeEffect })).rejects.toThrow('killed');
    expect(readdirSync(join(made.repository, 'data')).length).toBeLessThan(15);

    const { plan } = await made.plan({ mode: 'emergency' });
    expect(plan.roots).toMatchObject([{ action: 'put-back', reasons: [expect.stringContaining('begun')] }]);
    expect(await made.run(restoreData, { ...data, mode: 'emergency' })).toMatchObject({ outcome: 'done' });

    expect(readdirSync(join(made.repository, 'data')).sort()).toEqual(['deep', 'loop', 'state.json']);
    expect(await made.run(verifyData)).toMatchObject({ outcome: 'done' });
    // Finished under the step of the emergency path it is finished for all: what is written later is not taken back.
    made.write('data/state.json', '{"written":"since"}\n');
    expect((await made.plan()).plan.roots).toMatchObject([{ action: 'leave' }]);
  });

  it('a database is one unit with its journals: a left-over journal does not replay what was rolled back', async () => {
    const made = await withTarget([{ ...path, checks: [{ kind: 'sqlite', files: ['*.db'] }] }]);
    const sql = (text: string) =>
      runTool({ tool: 'sqlite3', args: ['-batch', 'x.db', text], cwd: join(made.repository, 'data') });
    await sql("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES('checkpoint');");
    await made.seal();
    // Without a checkpoint at the end the change lies in the journal alone.
    const wrote = await runTool({
      tool: 'sqlite3',
      args: ['-batch', 'x.db'],
      input: Buffer.from(".dbconfig no_ckpt_on_close on\nINSERT INTO t VALUES('migrated');\n"),
      cwd: join(made.repository, 'data'),
    });
    expect(wrote?.code).toBe(0);
    expect(lstatSync(join(made.repository, 'data/x.db-wal')).size).toBeGreaterThan(0);
    await made.plan({ options: { choices: [{ root: 'data', action: 'put-back' }] } });
    await made.run(makeSafetyCopy);
    await made.run(restoreData, data);
    const said = await sql('SELECT group_concat(x) FROM t;');
    expect(said?.stdout.toString().trim()).toBe('checkpoint');
  });

  it('a vanished folder is made again', async () => {
    const made = await withTarget([path]);
    await made.seal();
    rmSync(join(made.repository, 'data'), { recursive: true });
    await made.plan();
    expect(await made.run(makeSafetyCopy)).toMatchObject({ reason: expect.stringContaining('not there') });
    await made.run(restoreData, data);
    expect(made.read('data/deep/notes.txt')).toBe('notes\n');
    expect(await made.run(verifyData)).toMatchObject({ outcome: 'done' });
  });

  it('a damaged copy is refused, and the data stay as they were', async () => {
    const made = await withTarget([path]);
    await made.seal();
    made.write('data/state.json', '{"torn');
    await made.plan();
    await made.run(makeSafetyCopy);
    made.write(join(made.test.room.layout.checkpoint('cp').dataDir('data'), 'state.json'), '{"well":false}\n');
    await expect(made.run(restoreData, data)).rejects.toMatchObject({ kind: 'source-refused' });
    expect(made.read('data/state.json')).toBe('{"torn');
    // Nothing was begun, so an emergency that takes over has nothing to finish.
    const { plan } = await made.plan({ mode: 'emergency' });
    expect(plan.roots).toMatchObject([{ action: 'leave' }]);
  });
});

describe('the emergency path', () => {
  it('puts back only what must always go back, moved aside and not copied', async () => {
    const made = await withTarget([
      { ...path, restore: 'always' },
      { kind: 'path', name: 'other', path: '../other', checks: [json] },
    ]);
    made.write(join(made.test.dir, 'other/state.json'), '{"of":"checkpoint"}\n');
    await made.seal();
    made.write('data/state.json', '{"torn');
    made.write(join(made.test.dir, 'other/state.json'), '{"torn');

    const { plan } = await made.plan({ mode: 'emergency' });

    expect(plan.roots.map(({ action }) => action)).toEqual(['put-back', 'leave']);
    await made.run(makeSafetyCopy, { mode: 'emergency' });
    expect(readSafetyCopy(made.test.room.rollback.safetyDir)?.roots).toMatchObject([{ how: 'aside', data: null }]);
    await made.run(restoreData, { ...data, mode: 'emergency' });
    expect(made.read('data/state.json')).toBe('{"well":true}\n');
    const kept = readStaging(made.test.room).find(({ what }) => what === 'data')?.aside ?? '';
    expect(readFileSync(join(kept, 'kept/state.json'), 'utf8')).toBe('{"torn');
    expect(made.read(join(made.test.dir, 'other/state.json'))).toBe('{"torn');
  });

  it('keeps a copy of what a dump holds: a load moves nothing aside', async () => {
    const made = await withTarget([
      {
        kind: 'dump',
        name: 'data',
        restore: 'always',
        dump: { command: ['cat', 'data/store.txt'] },
        load: { command: ['sh', '-c', 'cat > data/store.txt'] },
      },
    ]);
    made.write('data/store.txt', 'good\n');
    const checkpoint = made.test.room.layout.checkpoint('cp');
    made.write(join(checkpoint.dataDir('data'), 'dump'), 'good\n');
    const { rootHash, contentHash } = await writeManifest(checkpoint.dataDir('data'), checkpoint.manifest('data'));
    const where = { copy: 'data/data', manifest: 'manifests/data.jsonl', files: 1, bytes: 5 };
    await made.seal({ data: [{ root: 'data', kind: 'dump', ...where, rootHash, contentHash }] });
    made.write('data/store.txt', 'of today\n');
    await made.plan({ mode: 'emergency' });
    await made.run(makeSafetyCopy, { mode: 'emergency' });

    await made.run(restoreData, { ...data, mode: 'emergency' });

    expect(made.read('data/store.txt')).toBe('good\n');
    expect(readFileSync(join(made.test.room.rollback.safetyDir, 'data/data/dump'), 'utf8')).toBe('of today\n');
  });

  it('does not read the backups of data that it leaves alone', async () => {
    const made = await withTarget([path]);
    // Hours to read, and none to make: a hole.
    made.write('data/huge.json.backup', '');
    truncateSync(join(made.repository, 'data/huge.json.backup'), 4 * 2 ** 40);
    const { plan } = await made.plan({ mode: 'emergency' });
    expect(plan.roots).toMatchObject([{ action: 'leave', source: null }]);
  });

  it('makes a plan even when the repository cannot be read', async () => {
    const made = await withTarget([path]);
    rmSync(join(made.repository, '.git'), { recursive: true });
    const { planned, plan } = await made.plan({ mode: 'emergency' });
    expect(plan.git.returnTo).toBeNull();
    expect(planned.steps.map(({ step }) => step)).toEqual(['startStableOnPins']);
  });
});

describe('other sources', () => {
  it('git: tracked files as the commit has them, what git does not know stays', async () => {
    const made = await withTarget([path], false);
    made.write('data/state.json', '{"torn');
    rmSync(join(made.repository, 'data/deep'), { recursive: true });
    rmSync(join(made.repository, 'data/loop'));
    made.write('data/untracked.txt', 'untracked\n');
    const { plan } = await made.plan();
    expect(plan.roots).toMatchObject([{ action: 'put-back', source: 'git' }]);
    await made.run(makeSafetyCopy);
    expect(await made.run(verifyData)).toMatchObject({ outcome: 'failed' });

    expect(await made.run(restoreData, data)).toMatchObject({ outcome: 'done' });

    expect(made.read('data/state.json')).toBe('{"well":true}\n');
    expect(made.read('data/untracked.txt')).toBe('untracked\n');
    expect(lstatSync(join(made.repository, 'data/loop')).isSymbolicLink()).toBe(true);
    expect(await made.git('status', '--porcelain', '--untracked-files=no')).toBe('');
    expect(await made.run(verifyData)).toMatchObject({ outcome: 'done' });
    expect(await made.run(restoreData, data)).toMatchObject({ outcome: 'already-done' });
  });

  it('backups: read and not consumed, an empty one replaces nothing', async () => {
    const made = await withTarget([path]);
    made.write('data/two words.json', '{"torn');
    made.write('data/two words.json.backup', '{"from":"backup"}\n');
    made.write('data/state.json.backup', '');
    const { plan } = await made.plan();
    expect(plan.roots).toMatchObject([{ action: 'put-back', source: 'backup' }]);
    await made.run(makeSafetyCopy);

    const result = await made.run(restoreData, data);

    expect(result).toMatchObject({ outcome: 'done', figures: { restored: 1, unused: 1 } });
    expect(result.reason).toContain('state.json.backup: it is empty');
    expect(made.read('data/two words.json')).toBe('{"from":"backup"}\n');
    expect(made.read('data/two words.json.backup')).toBe('{"from":"backup"}\n');
    expect(made.read('data/state.json')).toBe('{"well":true}\n');
    expect(await made.run(verifyData)).toMatchObject({ outcome: 'done' });
    expect(await made.run(restoreData, data)).toMatchObject({ outcome: 'already-done' });
  });
});

describe('a dump', () => {
  it('is loaded by the command of the target and looked at by dumping once more', async () => {
    const made = await withTarget([
      {
        kind: 'dump',
        name: 'data',
        restore: 'always',
        dump: { command: ['cat', 'data/store.txt'] },
        load: { command: ['sh', '-c', 'cat > data/store.txt'] },
        verify: { command: ['grep', '-q', 'good', 'data/store.txt'] },
      },
    ]);
    made.write('data/store.txt', 'good\n');
    const checkpoint = made.test.room.layout.checkpoint('cp');
    made.write(join(checkpoint.dataDir('data'), 'dump'), 'good\n');
    const { rootHash, contentHash } = await writeManifest(checkpoint.dataDir('data'), checkpoint.manifest('data'));
    const where = { copy: 'data/data', manifest: 'manifests/data.jsonl', files: 1, bytes: 5 };
    await made.seal({ data: [{ root: 'data', kind: 'dump', ...where, rootHash, contentHash }] });
    made.write('data/store.txt', 'broken\n');
    const { plan } = await made.plan();
    expect(plan.roots).toMatchObject([{ action: 'put-back', source: 'checkpoint' }]);
    await made.run(makeSafetyCopy);

    expect(await made.run(restoreData, data)).toMatchObject({ outcome: 'done' });

    expect(made.read('data/store.txt')).toBe('good\n');
    expect(await made.run(verifyData)).toMatchObject({ outcome: 'done' });
    expect(await made.run(restoreData, data)).toMatchObject({ outcome: 'already-done' });
    expect(readFileSync(join(made.test.room.rollback.safetyDir, 'data/data/dump'), 'utf8')).toBe('broken\n');
  });
});

describe('a root that something writes to', () => {
  it('is not touched while a container can still write there; a volume goes back once it is stopped', async () => {
    containers = await testContainers();
    const { engine, tag } = containers;
    const volume = await engine.createVolume({ Name: `${tag}-data` });
    containers.later(() => engine.getVolume(`${tag}-data`).remove());
    const mountpoint = (await engine.getVolume(`${tag}-data`).inspect()).Mountpoint;
    expect(volume).toBeDefined();
    const made = await withTarget([{ kind: 'volume', name: 'data', volume: `${tag}-data`, checks: [json] }]);
    made.write(join(mountpoint, 'index.json'), '{"of":"checkpoint"}\n');
    await made.seal();
    made.write(join(mountpoint, 'index.json'), '{"torn');
    const container = await containers.make({ host: { Binds: [`${tag}-data:/data`] } });
    await made.plan();
    await made.run(makeSafetyCopy);

    await expect(made.run(restoreData, data)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(tag),
    });
    expect(made.read(join(mountpoint, 'index.json'))).toBe('{"torn');

    await container.stop({ t: 0 });
    await made.run(restoreData, data);
    expect(made.read(join(mountpoint, 'index.json'))).toBe('{"of":"checkpoint"}\n');
  });
});
