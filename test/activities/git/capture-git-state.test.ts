import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { captureGitState } from '../../../activities/git/capture-git-state.ts';
import { type TestRecovery, testRecovery } from '../support/recovery.ts';

let recovery: TestRecovery;

beforeEach(async () => {
  recovery = await testRecovery({
    target: {
      data: [
        { kind: 'path', name: 'agent', path: '.agent' },
        { kind: 'path', name: 'home', path: '../home-data' },
      ],
      evidence: { limits: { fileBytes: '4KiB' } },
    },
  });
  const { write, git, test } = recovery;
  write('README.md', 'read me\n');
  write('.agent/state.json', '{"of":"checkpoint"}\n');
  write(join(test.dir, 'home-data/settings.json'), '{"of":"checkpoint"}\n');
  await recovery.tag();
  await recovery.seal();
  write('experiment.yml', 'services: {}\n');
  await git('add', '.');
  await git('commit', '-q', '-m', 'of the experiment');
  write('.agent/state.json', '{"of":"today"}\n');
  write('untracked.txt', 'untracked\n');
  write(join(test.dir, 'home-data/settings.json'), '{"of":"today"}\n');
});
afterEach(() => recovery.close());

const evidence = (file: string) => readFileSync(join(recovery.test.room.rollback.evidenceDir, 'git', file), 'utf8');

describe('the state of the repository as evidence', () => {
  it('has status, head, refs, log and the differences that the runbook asks for, also outside the repository', async () => {
    const result = await recovery.run(captureGitState);

    expect(result.outcome).toBe('done');
    expect(evidence('status.txt')).toContain('?? untracked.txt');
    expect(evidence('status.txt')).toContain(' M .agent/state.json');
    expect(evidence('refs.txt')).toContain('refs/tags/known-good');
    expect(evidence('log.txt')).toContain('of the experiment');
    expect(evidence('diff-HEAD~1-agent.patch')).toContain('+{"of":"today"}');
    expect(evidence('diff-checkpoint.patch')).toContain('experiment.yml');
    // Git ends with 128 on a path outside its repository: a manifest tells instead.
    expect(evidence('diff-checkpoint-home.txt')).toContain('content settings.json');
    expect(evidence('manifest-home.jsonl')).toContain('settings.json');
    const { mode } = statSync(join(recovery.test.room.rollback.evidenceDir, 'git', 'diff-HEAD.patch'));
    expect(mode & 0o077).toBe(0);
  });

  it('is cut at the limit of the target, and says so', async () => {
    recovery.write('.agent/state.json', `${'x\n'.repeat(20_000)}`);
    const result = await recovery.run(captureGitState);
    expect(evidence('diff-HEAD.patch').length).toBe(4096);
    expect(result.reason).toContain('diff-HEAD.patch');
  });

  it('one part that cannot be had keeps none of the others away; nothing at all is a failure', async () => {
    const { git, repository, test } = recovery;
    await git('tag', '-d', 'known-good');
    rmSync(test.room.layout.checkpoint('cp').dir, { recursive: true });
    const result = await recovery.run(captureGitState);
    expect(result).toMatchObject({ outcome: 'done', reason: expect.stringContaining('known-good is no commit') });
    expect(evidence('diff-HEAD~1.patch')).toContain('experiment.yml');

    rmSync(join(repository, '.git'), { recursive: true });
    await expect(recovery.run(captureGitState, { mode: 'emergency' })).rejects.toMatchObject({ kind: 'git-failed' });
  });
});
