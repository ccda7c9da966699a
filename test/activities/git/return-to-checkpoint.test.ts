import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSafetyCopy } from '../../../activities/data/make-safety-copy.ts';
import { readStaging } from '../../../activities/data/note-staging.ts';
import { gitAtWork } from '../../../activities/git/clear-locks.ts';
import { returnToCheckpoint } from '../../../activities/git/return-to-checkpoint.ts';
import { raiseEpoch } from '../../../vault/epoch.ts';
import { until } from '../support/containers.ts';
import { type TestRecovery, testRecovery } from '../support/recovery.ts';

let recovery: TestRecovery;
let commit: string;

beforeEach(async () => {
  recovery = await testRecovery({
    target: {
      data: [{ kind: 'path', name: 'agent', path: '.agent', checks: [{ kind: 'json', files: ['**/*.json'] }] }],
    },
  });
  const { write, repository, git } = recovery;
  write('README.md', 'checkpoint\r\nwith line ends\n');
  write('.gitignore', '*.log\n');
  write('docs/operations.md', 'operations of the checkpoint\n');
  write('two words/-rf', 'a hostile name\n');
  write('run.sh', '#!/bin/sh\n');
  chmodSync(join(repository, 'run.sh'), 0o755);
  symlinkSync('README.md', join(repository, 'link'));
  write('shape/inside', 'a folder in the checkpoint\n');
  write('.agent/state.json', '{"of":"checkpoint"}\n');
  commit = await recovery.tag();
  await git('checkout', '-q', '-b', 'experiment');
  write('README.md', 'of the experiment\n');
  write('experiment.yml', 'services: {}\n');
  rmSync(join(repository, 'shape'), { recursive: true });
  write('shape', 'a file in the experiment\n');
  rmSync(join(repository, 'link'));
  await git('rm', '-q', 'docs/operations.md', 'two words/-rf');
  await git('add', '-A', '.');
  await git('commit', '-q', '-m', 'experiment');
  write('README.md', 'not committed\r\n');
  write('docs/operations.md', 'untracked and in the way\n');
  write('notes.txt', 'untracked\n');
  write('debug.log', 'ignored\n');
  write('.agent/state.json', '{"of":"today"}\n');
});
afterEach(() => recovery.close());

async function prepared() {
  const made = await recovery.plan();
  await recovery.run(makeSafetyCopy);
  return made;
}

function asideOf(path: string): string {
  const [place] = readStaging(recovery.test.room);
  return readFileSync(join(place?.aside ?? '', 'kept', path), 'utf8');
}

async function expectCheckpoint() {
  const { git, read, repository, test } = recovery;
  const branch = `rollback/${test.room.input.rollbackId}`;
  expect(await git('symbolic-ref', '--short', 'HEAD')).toBe(branch);
  expect(await git('rev-parse', 'HEAD')).toBe(commit);
  expect(await git('status', '--porcelain', '--untracked-files=no')).toBe('M .agent/state.json');
  expect(read('README.md')).toBe('checkpoint\r\nwith line ends\n');
  expect(read('docs/operations.md')).toBe('operations of the checkpoint\n');
  expect(read('two words/-rf')).toBe('a hostile name\n');
  expect(read('shape/inside')).toBe('a folder in the checkpoint\n');
  expect(readlinkSync(join(repository, 'link'))).toBe('README.md');
  expect(lstatSync(join(repository, 'run.sh')).mode & 0o111).toBe(0o111);
  expect(existsSync(join(repository, 'experiment.yml'))).toBe(false);
}

describe('the return to the checkpoint', () => {
  it('puts HEAD on a branch of its own, loses no byte, and leaves data, untracked and ignored files alone', async () => {
    const old = await recovery.git('rev-parse', 'experiment');
    const { planned } = await prepared();
    expect(planned.steps.map(({ step }) => step)).toContain('returnToCheckpoint');

    const result = await recovery.run(returnToCheckpoint);

    expect(result).toMatchObject({ outcome: 'done', figures: { insideData: 1 } });
    await expectCheckpoint();
    expect(await recovery.git('rev-parse', 'experiment')).toBe(old);
    expect(recovery.read('.agent/state.json')).toBe('{"of":"today"}\n');
    expect(recovery.read('notes.txt')).toBe('untracked\n');
    expect(recovery.read('debug.log')).toBe('ignored\n');
    const safety = (path: string) =>
      readFileSync(join(recovery.test.room.rollback.safetyDir, 'git', 'files', path), 'utf8');
    for (const kept of [asideOf, safety]) {
      expect(kept('README.md')).toBe('not committed\r\n');
      expect(kept('docs/operations.md')).toBe('untracked and in the way\n');
      expect(kept('experiment.yml')).toBe('services: {}\n');
      expect(kept('shape')).toBe('a file in the experiment\n');
    }
    expect(await recovery.run(returnToCheckpoint)).toMatchObject({ outcome: 'already-done' });
  });

  it('finishes what a killed git left half-way, with its locks and half a file', async () => {
    await prepared();
    const { repository, write } = recovery;
    writeFileSync(join(repository, '.git', 'index.lock'), 'half an index');
    writeFileSync(join(repository, '.git', 'HEAD.lock'), '');
    write('README.md', 'checkp');
    rmSync(join(repository, 'run.sh'));

    const result = await recovery.run(returnToCheckpoint);

    expect(result).toMatchObject({ outcome: 'done', figures: { locks: 2 } });
    await expectCheckpoint();
    expect(asideOf('README.md')).toBe('checkp');
  });

  it('killed again and again after two effects, the last attempt ends at the same state', async () => {
    await prepared();
    let left = 0;
    for (; left < 20; left += 1) {
      const room = await recovery.test.again({ key: 'dataRecovery.returnToCheckpoint:' });
      let count = 0;
      const beforeEffect = () => {
        room.beforeEffect();
        count += 1;
        if (count > 2) throw new Error('killed');
      };
      const ended = await returnToCheckpoint({ ...room, beforeEffect }).catch(() => 'killed' as const);
      if (ended !== 'killed') break;
    }
    expect(left).toBeGreaterThan(2);
    await expectCheckpoint();
    expect(asideOf('docs/operations.md')).toBe('untracked and in the way\n');
  });

  it('runs no hook and no filter of the repository', async () => {
    const { repository, git } = recovery;
    const proof = join(recovery.test.dir, 'hook-ran');
    for (const hook of ['post-checkout', 'post-index-change', 'reference-transaction']) {
      writeFileSync(join(repository, '.git', 'hooks', hook), `#!/bin/sh\ntouch '${proof}'\n`, { mode: 0o755 });
    }
    await git('config', 'core.fsmonitor', join(repository, '.git', 'hooks', 'post-checkout'));
    await prepared();
    await recovery.run(returnToCheckpoint);
    expect(existsSync(proof)).toBe(false);
  });

  it('ends a merge that was in progress and keeps its state', async () => {
    const { repository, git } = recovery;
    const head = await git('rev-parse', 'HEAD');
    writeFileSync(join(repository, '.git', 'MERGE_HEAD'), `${head}\n`);
    const { findings } = await prepared();
    expect(findings.git.operation).toBe('merge');

    await recovery.run(returnToCheckpoint);

    expect(existsSync(join(repository, '.git', 'MERGE_HEAD'))).toBe(false);
    const kept = join(recovery.test.room.rollback.safetyDir, 'git', 'state', 'MERGE_HEAD');
    expect(readFileSync(kept, 'utf8').trim()).toBe(head);
    await expectCheckpoint();
  });

  it('touches nothing without a safety copy, and nothing once a newer epoch acts', async () => {
    await recovery.plan();
    const before = await recovery.git('rev-parse', 'HEAD');
    await expect(recovery.run(returnToCheckpoint)).rejects.toMatchObject({ kind: 'refused' });
    await recovery.run(makeSafetyCopy);
    const { layout } = recovery.test.room;
    const room = await recovery.test.again({ key: 'dataRecovery.returnToCheckpoint:' });
    raiseEpoch(layout, { rollbackId: 'other', why: 'test', at: new Date().toISOString() });

    await expect(returnToCheckpoint(room)).rejects.toMatchObject({ kind: 'stale-attempt' });

    expect(await recovery.git('rev-parse', 'HEAD')).toBe(before);
    expect(recovery.read('README.md')).toBe('not committed\r\n');
    expect(recovery.read('docs/operations.md')).toBe('untracked and in the way\n');
  });

  it('a filter such as LFS in the checkpoint is refused in the plan', async () => {
    const { write, git } = recovery;
    await git('checkout', '-q', '-f', 'main');
    write('.gitattributes', '*.bin filter=lfs diff=lfs\n');
    await git('add', '.gitattributes');
    await git('commit', '-q', '-m', 'lfs');
    await git('tag', '-f', 'known-good');
    write('README.md', 'changed\n');

    const { plan, planned } = await recovery.plan();

    expect(plan.git.returnTo).toBeNull();
    expect(plan.git.reason).toContain('lfs');
    expect(planned.steps.map(({ step }) => step)).not.toContain('returnToCheckpoint');
  });
});

describe('a lock is a left one only when no git works in the repository', () => {
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill('SIGKILL'));

  it('sees a living git, and that it is gone', async () => {
    const { repository } = recovery;
    const git = { top: repository, gitDir: join(repository, '.git') };
    mkdirSync(join(recovery.test.dir, 'elsewhere'));
    expect(gitAtWork(git, [])).toBeNull();
    child = spawn('git', ['cat-file', '--batch'], { cwd: repository, stdio: ['pipe', 'ignore', 'ignore'] });
    const { pid } = child;
    await until('git to be seen', async () => gitAtWork(git, []) !== null);
    expect(gitAtWork(git, [])).toContain(String(pid));
    child.kill('SIGKILL');
    await until('git to be gone', async () => gitAtWork(git, []) === null);
  });
});
