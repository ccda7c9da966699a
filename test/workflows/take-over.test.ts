import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeSafetyCopy } from '../../activities/data/make-safety-copy.ts';
import { restoreData } from '../../activities/data/restore-data.ts';
import { returnToCheckpoint } from '../../activities/git/return-to-checkpoint.ts';
import { asActivity } from '../../activities/kernel/act.ts';
import { takeOver } from '../../activities/preparation/take-over.ts';
import type { RecoveryPlanned } from '../../contract/rollback.ts';
import { readEpoch } from '../../vault/epoch.ts';
import { readJournal } from '../../vault/journal.ts';
import { type TestRecovery, testRecovery } from '../activities/support/recovery.ts';
import { contentOf, lostOf } from '../end-to-end/support/content.ts';
import { pollUntil } from '../support/poll.ts';
import { gatedGit, isGone } from './support/gated-git.ts';
import { onlyRow } from './support/one-row.ts';
import { type OwnProcesses, ownProcesses } from './support/own-processes.ts';

/** The emergency path takes over while an act is in its middle: what it raises, what it ends, and what it then does itself. */
let recovery: TestRecovery;
let processes: OwnProcesses;

const restoreKey = 'dataRecovery.restoreData:data';
const returnKey = 'dataRecovery.returnToCheckpoint';
/** Each file is an effect of its own: enough that a restore cannot be over before it is looked at. */
const files = Array.from({ length: 400 }, (_, n) => `data/${n}.txt`);

/** Real servers and workers come and go; a limit ends a hang, it is no measurement. */
vi.setConfig({ testTimeout: 300_000 });

beforeEach(async () => {
  recovery = await testRecovery({
    target: { data: [{ kind: 'path', name: 'data', path: 'data', restore: 'always' }] },
  });
  processes = ownProcesses(recovery.test.world.stateRoot, recovery.test.target.environment);
});

afterEach(async () => {
  await processes.end();
  recovery.close();
});

it('while a restore is at work in the same worker: nothing more is changed, and the emergency finishes it', async () => {
  recovery.write('.gitignore', 'data/\n');
  for (const file of files) recovery.write(file, `${file} as it was\n`);
  await recovery.tag();
  await recovery.seal();
  for (const file of files) recovery.write(file, `of the experiment: ${file}\n`);
  const before = contentOf([recovery.repository]);
  const planned = await plan();
  const input = { ...recovery.test.room.input, key: restoreKey, plans: { recovery: planned.hash } };
  const options = { root: 'data' } as const;
  const restoring = new MockActivityEnvironment()
    .run(asActivity(recovery.test.world, restoreData), { ...input, options })
    .catch((error: unknown) => error);
  await pollUntil(
    'the first change of a file',
    () => records('intent', restoreKey).length,
    (count) => count > 0,
  );

  const { epoch } = await takeOver(recovery.test.world, { ...input, key: 'emergency.takeOver' });
  // What it had staged beside the data it takes away itself.
  const data = join(recovery.repository, 'data');
  const left = contentOf([data]);
  expect(await restoring).toMatchObject({ type: 'stale-attempt' });
  expect([...contentOf([data])], 'changed after the emergency had taken over').toEqual([...left]);
  expect(files.filter((file) => recovery.read(file).startsWith('of the')).length, 'half-way').toBeGreaterThan(0);
  expect(readEpoch(recovery.test.room.layout).epoch).toBe(epoch);

  const restored = await recovery.run(restoreData, { options, epoch, key: 'emergency.restoreData:data' });
  expect(restored).toMatchObject({ outcome: 'done' });
  expect(files.filter((file) => recovery.read(file) !== `${file} as it was\n`)).toEqual([]);
  expect(lostOf(before, [recovery.test.dir])).toEqual([]);
});

it('while git hangs under another worker: worker and git are ended, HEAD moves once and by the emergency', async () => {
  const git = gatedGit(recovery.test.dir);
  recovery.write('README.md', 'as it was\n');
  recovery.write('data/kept.txt', 'kept\n');
  await recovery.tag();
  recovery.write('README.md', 'of the experiment\n');
  await recovery.git('commit', '-q', '-a', '-m', 'experiment');
  const planned = await plan();
  const worker = await processes.worker({ env: { PATH: git.path } });
  await processes.begin('dataRecovery', onlyRow(recovery.test.room, planned, returnKey));
  const [hanging] = await pollUntil('git in mid-work', git.begun, (begun) => begun.length === 1, 120_000);

  const input = { ...recovery.test.room.input, key: 'emergency.takeOver', plans: { recovery: planned.hash } };
  const { epoch, figures } = await takeOver(recovery.test.world, input);
  expect(hanging && isGone(hanging)).toBe(true);
  expect(figures?.['endedChildren']).toBeGreaterThan(0);
  expect(worker.isAlive()).toBe(false);
  git.open();
  expect(await recovery.git('symbolic-ref', 'HEAD')).toBe('refs/heads/main');

  const returned = await recovery.run(returnToCheckpoint, { epoch, key: 'emergency.returnToCheckpoint' });
  expect(returned).toMatchObject({ outcome: 'done' });
  expect(git.through(), 'of the git that hung').toBe(0);
  const { rollbackId } = input;
  const moves = (await recovery.git('reflog', '--format=%gs', 'HEAD')).split('\n');
  expect(moves.filter((move) => move.includes(rollbackId))).toHaveLength(1);
  expect(recovery.read('README.md')).toBe('as it was\n');
});

async function plan(): Promise<RecoveryPlanned> {
  const { planned } = await recovery.plan();
  await recovery.run(makeSafetyCopy);
  return planned;
}

function records(kind: string, step: string) {
  return readJournal(recovery.test.room.rollback.journal).records.filter(
    (record) => record.kind === kind && record.step === step,
  );
}
