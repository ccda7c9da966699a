import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveEvidence } from '../../../activities/documentation/archive-evidence.ts';
import { readTar } from '../../../activities/documentation/read-tar.ts';
import { roomFor, type TestRoom } from '../support/room.ts';

const longName = `${'a-long-folder/'.repeat(12)}übel benannt .txt`;

let test: TestRoom;

beforeEach(async () => {
  test = await roomFor();
  put('evidence/logs/one.final.log', 'raw, with password=hunter22\n', 0o600);
  put('evidence/containers/one.json', '{"Env":["KEY=hunter22"]}\n', 0o600);
  put('evidence/containers/one.shareable.json', '{"Env":["KEY=[redacted]"]}\n');
  put(`evidence/sources/1234-results/${longName}`, 'a result\n');
  put('evidence/sources/1234-results/empty', '');
  symlinkSync('../elsewhere', join(test.room.rollback.evidenceDir, 'sources', 'link'));
  put('evidence/large.bin', 'x'.repeat(3_000_000));
  put('report/incident-report.md', '# Report\n');
  put('report/checklist.json', '{}\n');
  put('report/judgement.json', '{}\n');
  put('plan/containment.json', '{}\n');
});

afterEach(() => test.close());

describe('archiveEvidence', () => {
  it('archives all that is there, byte for byte, names of any kind, for its owner only', async () => {
    const result = await archiveEvidence(test.room);
    expect(result).toMatchObject({ outcome: 'done', figures: { missing: 0, leftOut: 0 } });
    expect(result.reason).not.toContain('Missing');
    const into = join(test.dir, 'unpacked');
    mkdirSync(into);
    execFileSync('tar', ['-xzf', archive('private'), '-C', into]);
    // What another tool unpacks is what lay there.
    execFileSync('diff', ['-r', '--no-dereference', test.room.rollback.evidenceDir, join(into, 'evidence')]);
    execFileSync('diff', ['-r', test.room.rollback.reportDir, join(into, 'report')]);
    expect(statSync(archive('private')).mode & 0o777).toBe(0o600);

    const manifest = readFileSync(archive('private').replace('.tar.gz', '.manifest.jsonl'), 'utf8');
    expect(manifest).toContain(longName);
    expect(await readTar(archive('private'), test.room.signal)).toHaveLength(manifest.trim().split('\n').length);
  });

  it('shares report, plans and what was written without secrets, and nothing raw', async () => {
    await archiveEvidence(test.room);
    const files = (await readTar(archive('shareable'), test.room.signal)).filter(({ type }) => type === 'file');
    expect(files.map(({ path }) => path).sort()).toEqual([
      'evidence/containers/one.shareable.json',
      'plan/containment.json',
      'report/checklist.json',
      'report/incident-report.md',
      'report/judgement.json',
    ]);
    expect(statSync(archive('shareable')).mode & 0o777).toBe(0o640);
  });

  it('tells what is missing instead of making a whole-looking archive of it', async () => {
    put(
      'evidence/sources.json',
      JSON.stringify([
        { source: { kind: 'results', path: '/data/results' }, status: 'missing', reason: 'it is not there' },
      ]),
    );
    execFileSync('rm', [join(test.room.rollback.reportDir, 'judgement.json')]);
    const result = await archiveEvidence(test.room);
    expect(result.figures).toMatchObject({ missing: 2 });
    expect(result.reason).toContain('report/judgement.json');
    expect(result.reason).toContain('/data/results (it is not there)');
  });

  it('does it once, and again when the archive was damaged or the evidence has grown', async () => {
    await archiveEvidence(test.room);
    expect((await archiveEvidence(test.room)).outcome).toBe('already-done');

    truncateSync(archive('private'), statSync(archive('private')).size - 100);
    expect((await archiveEvidence(test.room)).outcome).toBe('done');
    execFileSync('tar', ['-tzf', archive('private')]);

    put('evidence/later.log', 'more\n');
    expect((await archiveEvidence(test.room)).outcome).toBe('done');
    const paths = (await readTar(archive('private'), test.room.signal)).map(({ path }) => path);
    expect(paths).toContain('evidence/later.log');
  });

  it('refuses a stale attempt, and leaves no archive', async () => {
    await test.again();
    await expect(archiveEvidence(test.room)).rejects.toThrow(/superseded/);
    expect(statSync(archive('private'), { throwIfNoEntry: false })).toBeUndefined();
  });
});

function put(path: string, text: string, mode = 0o640): void {
  const at = join(test.room.rollback.dir, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, text, { mode });
}

function archive(kind: 'private' | 'shareable'): string {
  const { archiveDir, rollbackId } = test.room.rollback;
  return join(archiveDir, `${rollbackId}-${kind}.tar.gz`);
}
