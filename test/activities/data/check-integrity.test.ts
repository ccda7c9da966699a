import { existsSync, rmSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { isSameDevice } from '../../../activities/data/device-of.ts';
import { type TestRecovery, testRecovery } from '../support/recovery.ts';
import type { TargetSections } from '../support/room.ts';

let recovery: TestRecovery | undefined;
afterEach(() => {
  recovery?.close();
  recovery = undefined;
});

const json = { kind: 'json', files: ['**/*.json'] } as const;

async function withData(data: TargetSections['data']): Promise<TestRecovery> {
  const made = await testRecovery({ target: { data } });
  recovery = made;
  made.write('README.md', 'read me\n');
  made.write('.gitignore', 'data/\nother/\n');
  made.write('data/state.json', '{"well":true}\n');
  made.write('data/notes.txt', 'notes\n');
  made.write('other/kept.txt', 'kept\n');
  await made.tag();
  return made;
}

const rootOf = async (made: TestRecovery) => (await made.plan()).findings.roots[0];

describe('what the integrity check finds', () => {
  it('changed data are sound, with counts, bytes and the time of the change', async () => {
    const made = await withData([{ kind: 'path', name: 'data', path: 'data', checks: [json] }]);
    await made.seal();
    made.write('data/notes.txt', 'longer notes\n');
    made.write('data/new.txt', 'new\n');
    rmSync(join(made.repository, 'data/state.json'));
    made.write('data/state.json', '{"well":"still"}\n');

    const { findings, planned } = await made.plan();

    expect(findings.roots[0]).toMatchObject({
      integrity: 'sound',
      changes: { differing: 2, missing: 0, extra: 1, bytes: 34 },
    });
    expect(findings.roots[0]?.changes?.changedSince).toMatch(/^\d{4}-/);
    expect(findings.roots[0]?.device).toMatch(/^\d+:\d+ .+ on \//);
    expect(planned.steps.map(({ step }) => step)).not.toContain('restoreData');
    expect(existsSync(findings.roots[0]?.manifest ?? '')).toBe(true);
  });

  it('a failed check and an emptied file of the checkpoint are corruption, and are named', async () => {
    const made = await withData([{ kind: 'path', name: 'data', path: 'data', checks: [json] }]);
    await made.seal();
    made.write('data/state.json', '{"well":');
    truncateSync(join(made.repository, 'data/notes.txt'), 0);

    const root = await rootOf(made);

    expect(root?.integrity).toBe('corrupt');
    expect(root?.reasons.join('\n')).toContain('state.json');
    expect(root?.reasons.join('\n')).toContain('notes.txt');
  });

  it('without a declared check nobody knows, and the plan asks', async () => {
    const made = await withData([{ kind: 'path', name: 'data', path: 'data' }]);
    await made.seal();
    made.write('data/notes.txt', 'changed\n');

    const { findings, planned } = await made.plan();

    expect(findings.roots[0]?.integrity).toBe('unknown');
    expect(planned.questions).toMatchObject([{ root: 'data' }]);
    const choices = [{ root: 'data', action: 'put-back' }] as const;
    expect((await made.plan({ options: { choices } })).planned.questions).toEqual([]);
  });

  it('a data folder that vanished is lost where its disk is mounted, and unknown where it is not', async () => {
    const made = await withData([{ kind: 'path', name: 'data', path: 'data', checks: [json] }]);
    const sealed = await made.seal();
    rmSync(join(made.repository, 'data'), { recursive: true });
    expect(await rootOf(made)).toMatchObject({ integrity: 'corrupt', reasons: [expect.stringContaining('not there')] });

    await made.seal({ data: sealed.data.map((data) => ({ ...data, device: '8:17 /dev/sdb1 on /mnt/data' })) });
    const { findings, plan } = await made.plan();
    expect(findings.roots[0]).toMatchObject({ integrity: 'unknown' });
    expect(findings.roots[0]?.reasons[0]).toContain('not mounted');
    expect(plan.roots).toMatchObject([{ action: 'leave', source: null }]);
  });

  it('backups are judged: empty and stale ones are not to be used', async () => {
    const made = await withData([{ kind: 'path', name: 'data', path: 'data', checks: [json] }]);
    made.write('data/old.txt.backup', 'three weeks ago\n');
    utimesSync(join(made.repository, 'data/old.txt.backup'), 1_700_000_000, 1_700_000_000);
    await made.seal();
    made.write('data/notes.txt.backup', 'notes\n');
    made.write('data/empty.txt.backup', '');

    const root = await rootOf(made);

    expect(root?.backups.map(({ backup, usable }) => [backup, usable])).toEqual([
      ['empty.txt.backup', false],
      ['notes.txt.backup', true],
      ['old.txt.backup', false],
    ]);
  });

  it('a dump is data of one file: compared with the checkpoint, judged by the command of the target', async () => {
    const made = await withData([
      {
        kind: 'dump',
        name: 'store',
        dump: { command: ['cat', 'store.txt'] },
        load: { command: ['sh', '-c', 'cat > store.txt'] },
        verify: { command: ['grep', '-q', 'good', 'store.txt'] },
      },
    ]);
    made.write('store.txt', 'good\n');
    expect(await rootOf(made)).toMatchObject({ kind: 'dump', integrity: 'sound', changes: null });
    made.write('store.txt', 'broken\n');
    expect(await rootOf(made)).toMatchObject({ integrity: 'corrupt' });
    rmSync(join(made.repository, 'store.txt'));
    expect(await rootOf(made)).toMatchObject({ integrity: 'unknown', manifest: null });
  });

  it('the repository is compared outside the data roots only', async () => {
    const made = await withData([{ kind: 'path', name: 'data', path: 'data', checks: [json] }]);
    made.write('README.md', 'changed\n');
    const { findings } = await made.plan();
    expect(findings.git).toMatchObject({ differing: 1, operation: null, branch: 'main' });
    expect(findings.checkpoint).toMatchObject({ id: null, ref: 'known-good' });
  });
});

describe('sources that disagree need a choice', () => {
  it('a backup made since the checkpoint with another content', async () => {
    const made = await withData([{ kind: 'path', name: 'data', path: 'data', checks: [json] }]);
    await made.seal();
    made.write('data/state.json.backup', '{"well":"of yesterday"}\n');
    made.write('data/state.json', '{');

    const { plan, planned } = await made.plan();

    expect(plan.roots).toMatchObject([{ root: 'data', action: 'ask' }]);
    expect(plan.conflicts.join()).toContain('state.json');
    expect(planned.conflicts).toBe(1);
  });

  it('git with another content than the copy, but not by its line ends alone', async () => {
    const made = await testRecovery({
      target: { data: [{ kind: 'path', name: 'data', path: 'data', checks: [json] }] },
    });
    recovery = made;
    made.write('.gitattributes', '*.txt text\n');
    made.write('data/lines.txt', 'one\r\ntwo\r\n');
    made.write('data/state.json', '{}\n');
    await made.tag();
    await made.seal();
    made.write('data/state.json', '{');
    expect((await made.plan()).plan.roots).toMatchObject([{ action: 'put-back', source: 'checkpoint' }]);

    made.write('data/state.json', '{"later":true}\n');
    rmSync(join(made.test.room.layout.checkpoint('cp').dir), { recursive: true });
    await made.seal();
    made.write('data/state.json', '{');
    expect((await made.plan()).plan.roots).toMatchObject([{ action: 'ask' }]);
  });
});

describe('devices', () => {
  it('are the same by source and mount point, whatever their number', () => {
    expect(isSameDevice('8:1 /dev/sda1 on /', '259:1 /dev/sda1 on /')).toBe(true);
    expect(isSameDevice('8:1 /dev/sda1 on /', '8:1 /dev/sdb1 on /mnt')).toBe(false);
    expect(isSameDevice(null, '8:1 /dev/sdb1 on /mnt')).toBe(true);
  });
});
