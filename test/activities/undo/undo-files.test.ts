import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSafetyCopy } from '../../../activities/data/make-safety-copy.ts';
import { restoreData } from '../../../activities/data/restore-data.ts';
import { returnToCheckpoint } from '../../../activities/git/return-to-checkpoint.ts';
import { proveUndoneFiles } from '../../../activities/undo/prove-undone-files.ts';
import { stopForUndo } from '../../../activities/undo/stop-for-undo.ts';
import { undoData } from '../../../activities/undo/undo-data.ts';
import { undoRepository } from '../../../activities/undo/undo-repository.ts';
import { writeManifest } from '../../../vault/manifest/write.ts';
import { type TestRecovery, testRecovery } from '../support/recovery.ts';
import { type TestUndo, undoOf } from '../support/undo.ts';

let recovery: TestRecovery;
let undo: TestUndo;

beforeEach(async () => {
  recovery = await testRecovery({
    target: {
      data: [{ kind: 'path', name: 'agent', path: 'agent', checks: [{ kind: 'json', files: ['**/*.json'] }] }],
    },
  });
  const { write, repository, git } = recovery;
  write('README.md', 'checkpoint\r\n');
  write('.gitignore', '*.log\n');
  write('docs/deep/operations.md', 'operations of the checkpoint\n');
  write('shape/inside', 'a folder in the checkpoint\n');
  symlinkSync('README.md', join(repository, 'link'));
  write('run.sh', '#!/bin/sh\n');
  write('agent/state.json', '{"of":"checkpoint"}\n');
  await recovery.tag();
  await recovery.seal();
  await git('checkout', '-q', '-b', 'experiment');
  write('README.md', 'of the experiment\n');
  write('experiment.yml', 'services: {}\n');
  rmSync(join(repository, 'shape'), { recursive: true });
  write('shape', 'a file in the experiment\n');
  rmSync(join(repository, 'link'));
  chmodSync(join(repository, 'run.sh'), 0o755);
  await git('rm', '-q', 'docs/deep/operations.md');
  await git('add', '-A', '.');
  await git('commit', '-q', '-m', 'experiment');
  write('README.md', 'not committed\r\n');
  write('two words/-rf', 'untracked\n');
  write('debug.log', 'ignored\n');
  write('agent/state.json', '{"of": a broken');
  write('agent/new.json', '{"made":"by the experiment"}\n');
  writeFileSync(join(repository, '.git', 'MERGE_HEAD'), `${await git('rev-parse', 'HEAD')}\n`);
  undo = undoOf(recovery.test);
});
afterEach(() => recovery.close());

/** All that an undo has to bring back, as the world shows it. */
async function worldNow() {
  const { repository, test, git } = recovery;
  const manifest = join(test.dir, `now-${Math.random()}.jsonl`);
  const options = { exclude: ['/.git', '/agent'] };
  const tree = await writeManifest(repository, manifest, options);
  const data = await writeManifest(join(repository, 'agent'), `${manifest}.data`, {});
  const ofGit = (name: string) => readFileSync(join(repository, '.git', name)).toString('hex');
  return {
    files: tree.contentHash,
    data: data.rootHash,
    index: ofGit('index'),
    reflog: ofGit('logs/HEAD'),
    head: ofGit('HEAD'),
    merge: ofGit('MERGE_HEAD'),
    commit: await git('rev-parse', 'HEAD'),
  };
}

async function rollBack() {
  await recovery.plan();
  await recovery.run(makeSafetyCopy);
  await recovery.run(returnToCheckpoint);
  await recovery.run(restoreData, { options: { root: 'agent' } });
}

async function carryOut() {
  await undo.run(stopForUndo);
  await undo.run(undoData, { options: { root: 'agent' } });
  return undo.run(undoRepository);
}

describe('the undo of data and repository', () => {
  it('brings back every byte, the index, HEAD with its reflog and a merge in progress', async () => {
    const before = await worldNow();
    await rollBack();
    const rolledBack = await worldNow().catch(() => undefined);
    expect(rolledBack).toBeUndefined();
    recovery.write('agent/since.json', '{"written":"after the rollback"}\n');

    await undo.open();
    const plan = await undo.plan();
    expect(plan).toMatchObject({ roots: ['agent'], repository: true, nothingToDo: false, exceptions: [] });
    expect(plan.discards).toMatchObject([{ files: 2 }]);
    const done = await carryOut();

    expect(done.outcome).toBe('done');
    expect(await worldNow()).toEqual(before);
    expect(await undo.run(proveUndoneFiles)).toMatchObject({ wrong: [], unknown: [] });
    expect(existsSync(join(recovery.repository, 'docs'))).toBe(false);
    const aside = join(recovery.repository, '.git', 'durable-rollback', `undo-${recovery.test.room.input.rollbackId}`);
    expect(readFileSync(join(aside, 'agent', 'kept', 'since.json'), 'utf8')).toContain('after the rollback');
    expect(readFileSync(join(aside, 'worktree', 'kept', 'docs/deep/operations.md'), 'utf8')).toContain('checkpoint');
  });

  it('done again changes nothing, and once it is closed it says so', async () => {
    await rollBack();
    await undo.open();
    await undo.plan();
    await carryOut();
    await undo.run(proveUndoneFiles);
    const after = await worldNow();

    expect(await carryOut()).toMatchObject({ outcome: 'already-done' });
    expect(await worldNow()).toEqual(after);
    expect(await undo.plan()).toMatchObject({ nothingToDo: true, roots: [], repository: false });
    await undo.close({ verdict: 'undone', reasons: [] });
    expect(await undo.open()).toMatchObject({ alreadyUndone: true });
  });

  it('killed after every second effect it ends at the same state', async () => {
    const before = await worldNow();
    await rollBack();
    await undo.open();
    await undo.plan();
    let left = 0;
    for (; left < 60; left += 1) {
      const ended = await killedAfterTwo().catch(() => 'killed' as const);
      if (ended !== 'killed') break;
    }
    expect(left).toBeGreaterThan(5);
    expect(await worldNow()).toEqual(before);
  });

  async function killedAfterTwo() {
    for (const [act, options] of [[undoData, { root: 'agent' }] as const, [undoRepository, {}] as const]) {
      await undo.run(
        (room) => {
          let count = 0;
          const beforeEffect = () => {
            room.beforeEffect();
            count += 1;
            if (count > effectsAllowed(act === undoData)) throw new Error('killed');
          };
          return act({ ...room, beforeEffect });
        },
        { options, key: `undo.${act.name}:` },
      );
    }
  }

  /** Each attempt of a restore stages anew: it needs enough for that before it comes further. */
  function effectsAllowed(data: boolean): number {
    return data ? 16 : 4;
  }

  it('finishes what an interrupted rollback had left half-way', async () => {
    const before = await worldNow();
    await recovery.plan();
    await recovery.run(makeSafetyCopy);
    for (const [act, root, effects] of [[returnToCheckpoint, '', 4] as const, [restoreData, 'agent', 9] as const]) {
      const room = await recovery.test.again({
        key: `dataRecovery.${act.name}:${root}`,
        plans: { recovery: (await recovery.plan()).planned.hash },
        options: { root },
      });
      let count = 0;
      const beforeEffect = () => {
        room.beforeEffect();
        count += 1;
        if (count > effects) throw new Error('killed');
      };
      await expect(act({ ...room, beforeEffect })).rejects.toThrow('killed');
    }
    mkdirSync(join(recovery.repository, 'shape'), { recursive: true });

    await undo.open();
    await undo.plan();
    await carryOut();

    expect(await worldNow()).toEqual(before);
  });

  it('leaves alone what the rollback did not change, and a branch that was moved since', async () => {
    await rollBack();
    await undo.open();
    await undo.plan();
    await undo.run(stopForUndo);
    const { git } = recovery;
    await git('branch', '-f', 'experiment', 'HEAD');
    const moved = await git('rev-parse', 'experiment');
    await expect(undo.run(undoRepository)).rejects.toMatchObject({ kind: 'refused' });
    expect(await git('rev-parse', 'experiment')).toBe(moved);
    expect(recovery.read('README.md')).toBe('not committed\r\n');
  });
});
