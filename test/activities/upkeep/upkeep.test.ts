import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSafetyCopy } from '../../../activities/data/make-safety-copy.ts';
import { restoreData } from '../../../activities/data/restore-data.ts';
import { returnToCheckpoint } from '../../../activities/git/return-to-checkpoint.ts';
import { identityNote, identityOf } from '../../../activities/kernel/identity.ts';
import { commitRollback } from '../../../activities/upkeep/commit-rollback.ts';
import { planPrune } from '../../../activities/upkeep/plan-prune.ts';
import { pruneKept } from '../../../activities/upkeep/prune-kept.ts';
import { recoverPaths } from '../../../activities/upkeep/recover-paths.ts';
import { type TestRecovery, testRecovery } from '../support/recovery.ts';
import { undoOf } from '../support/undo.ts';
import { inUpkeep } from '../support/upkeep.ts';

let recovery: TestRecovery;
let id: string;

beforeEach(async () => {
  recovery = await testRecovery({
    target: {
      data: [{ kind: 'path', name: 'agent', path: 'agent', checks: [{ kind: 'json', files: ['**/*.json'] }] }],
    },
  });
  const { write, git, test } = recovery;
  write('README.md', 'checkpoint\n');
  write('agent/state.json', '{"of":"checkpoint"}\n');
  await recovery.tag();
  await recovery.seal();
  await git('checkout', '-q', '-b', 'experiment');
  write('README.md', 'not committed\n');
  write('agent/state.json', '{"of": a broken');
  write('agent/two words/new.json', '{"made":"by the experiment"}\n');
  id = test.room.input.rollbackId;
  await note(identityNote, { ...(await identityOf(test.world)) });
  await note('started');
  await recovery.plan();
  await recovery.run(makeSafetyCopy);
  await recovery.run(returnToCheckpoint);
  await recovery.run(restoreData, { options: { root: 'agent' } });
  await note('closed');
});
afterEach(() => recovery.close());

async function note(text: string, detail: Record<string, unknown> = {}): Promise<void> {
  const { journal, input } = recovery.test.room;
  const who = { epoch: input.epoch, step: 'test', schedule: 1, attempt: 1 };
  journal.append({ at: new Date().toISOString(), ...who, kind: 'note', text, detail });
}

function recover(paths: readonly string[], to: string | null = null) {
  const task = {
    kind: 'recover',
    rollbackId: id,
    paths: paths.map((path) => join(recovery.repository, path)),
    to,
  } as const;
  return inUpkeep(recovery.test, task, (room) => recoverPaths(room, task));
}

describe('recover', () => {
  it('brings single files and folders back to their place, and moves aside what is there', async () => {
    const { read, write, repository } = recovery;
    write('agent/two words/new.json', 'written since\n');

    const result = await recover(['agent/state.json', 'agent/two words', 'README.md']);

    expect(result).toMatchObject({ outcome: 'done', figures: { files: 3, changed: 3 } });
    expect(read('agent/state.json')).toBe('{"of": a broken');
    expect(read('agent/two words/new.json')).toBe('{"made":"by the experiment"}\n');
    expect(read('README.md')).toBe('not committed\n');
    const aside = join(repository, '.git', 'durable-rollback');
    expect(result.lines).toHaveLength(3);
    const found = recoveredAside(aside, 'agent/kept/two words/new.json');
    expect(found).toEqual(['written since\n']);
    expect(await recover(['agent/state.json'])).toMatchObject({ outcome: 'already-done' });
  });

  it('brings them into another folder, and leaves their place alone', async () => {
    const to = join(recovery.test.dir, 'inquiry');
    await recover(['agent/state.json'], to);
    expect(readFileSync(join(to, 'state.json'), 'utf8')).toBe('{"of": a broken');
    expect(recovery.read('agent/state.json')).toBe('{"of":"checkpoint"}\n');
  });

  it('names every path of which nothing was kept, with near names, and changes nothing', async () => {
    const asked = recover(['agent/stat.json', 'nowhere/at-all', 'README.md']);
    await expect(asked).rejects.toThrow(/stat\.json \(near: .*agent\/state\.json.*\).*nowhere\/at-all/);
    await expect(recover(['nothing'])).rejects.toMatchObject({ kind: 'refused' });
    expect(recovery.read('README.md')).toBe('checkpoint\n');
  });

  it('refuses a copy that was changed on the disk', async () => {
    const { safetyDir } = recovery.test.room.rollback;
    recovery.write(join(safetyDir, 'data', 'agent', 'state.json'), 'somebody was here\n');
    await expect(recover(['agent/state.json'])).rejects.toThrow(/wrong hash/);
    expect(recovery.read('agent/state.json')).toBe('{"of":"checkpoint"}\n');
  });
});

describe('commit and prune', () => {
  const commit = () => inUpkeep(recovery.test, { kind: 'commit', rollbackId: id }, (room) => commitRollback(room, id));

  function prune(olderThanMs: number, meanwhile: () => Promise<void> = async () => undefined) {
    return inUpkeep(recovery.test, { kind: 'prune', olderThanMs }, async (room, again) => {
      const plan = await planPrune(room, olderThanMs);
      await meanwhile();
      const next = await again({ key: 'upkeep.pruneKept', plans: { prune: plan.hash } });
      return { plan, done: await pruneKept(next) };
    });
  }

  it('free what a committed rollback has kept, and nothing that stands elsewhere', async () => {
    const { safetyDir, planDir, journal } = recovery.test.room.rollback;
    const aside = join(recovery.repository, '.git', 'durable-rollback', id, 'agent');
    expect(await commit()).toMatchObject({ outcome: 'done' });
    expect(await commit()).toMatchObject({ outcome: 'already-done' });

    const { plan, done } = await prune(0);

    expect(plan.bytes).toBeGreaterThan(0);
    expect(plan.lines.join('\n')).toContain(safetyDir);
    expect(done).toMatchObject({ outcome: 'done' });
    for (const path of [safetyDir, aside]) expect(existsSync(path), path).toBe(false);
    for (const path of [planDir, journal]) expect(existsSync(path), path).toBe(true);
    expect(recovery.read('agent/state.json')).toBe('{"of":"checkpoint"}\n');
    expect((await prune(0)).plan).toMatchObject({ bytes: 0 });
    await expect(undoOf(recovery.test).open()).rejects.toThrow(/committed/);
  });

  it('leave what can still be undone, what is young, and what is no longer as it was listed', async () => {
    const { safetyDir } = recovery.test.room.rollback;
    expect((await prune(0)).plan).toMatchObject({ bytes: 0 });
    await commit();
    expect((await prune(3_600_000)).plan).toMatchObject({ bytes: 0 });
    await expect(prune(0, () => note('resumed'))).rejects.toThrow(/neither committed nor undone/);
    expect(existsSync(safetyDir)).toBe(true);
  });

  it('refuse to commit what has not ended', async () => {
    await note('left open for resume');
    await expect(commit()).rejects.toThrow(/has not ended/);
  });
});

/** What the upkeeps have moved aside of one path. */
function recoveredAside(folder: string, path: string): readonly string[] {
  const upkeeps = readdirSync(folder).filter((name) => name.startsWith('recover-'));
  return upkeeps
    .map((name) => join(folder, name, path))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'));
}
