import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSafetyCopy } from '../../../activities/data/make-safety-copy.ts';
import { returnToCheckpoint } from '../../../activities/git/return-to-checkpoint.ts';
import { git } from '../../../lab/git.ts';
import { type TestRecovery, testRecovery } from '../support/recovery.ts';

let recovery: TestRecovery;

/** A repository in the repository, as a submodule is one; `git add` makes a link to its commit. */
async function submodule(path: string): Promise<void> {
  const folder = join(recovery.repository, path);
  mkdirSync(folder, { recursive: true });
  await git(folder, 'init', '-q', '-b', 'main');
  recovery.write(`${path}/lib.js`, 'of the checkpoint\n');
  await commitIn(path);
}

async function commitIn(path: string): Promise<string> {
  const folder = join(recovery.repository, path);
  await git(folder, 'add', '.');
  await git(folder, 'commit', '-q', '-m', 'lib');
  return git(folder, 'rev-parse', 'HEAD');
}

beforeEach(async () => {
  recovery = await testRecovery();
  recovery.write('README.md', 'of the checkpoint\n');
  recovery.write('data/state.json', '{}\n');
  for (const path of ['vendor/moved', 'vendor/same', 'vendor/lost']) await submodule(path);
  await recovery.tag();
});
afterEach(() => recovery.close());

describe('submodules', () => {
  it('that are not as in the checkpoint are named in the plan and left as they are', async () => {
    const { write, read } = recovery;
    write('vendor/moved/lib.js', 'of the experiment\n');
    const moved = await commitIn('vendor/moved');
    rmSync(join(recovery.repository, 'vendor/lost'), { recursive: true });
    write('README.md', 'of the experiment\n');

    const { plan } = await recovery.plan();

    expect(plan.conflicts).toEqual([
      expect.stringMatching(/submodule vendor\/lost is not checked out, the checkpoint has [0-9a-f]{12}/),
      expect.stringContaining(`submodule vendor/moved is at ${moved.slice(0, 12)}, the checkpoint has`),
    ]);
    await recovery.run(makeSafetyCopy);
    expect(await recovery.run(returnToCheckpoint)).toMatchObject({ outcome: 'done', figures: { written: 1 } });
    expect(read('README.md')).toBe('of the checkpoint\n');
    expect(read('vendor/moved/lib.js')).toBe('of the experiment\n');
  });
});
