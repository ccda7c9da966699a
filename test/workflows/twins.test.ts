import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeSafetyCopy } from '../../activities/data/make-safety-copy.ts';
import type { PhaseResult } from '../../contract/rollback.ts';
import { rowOf } from '../../runbook/steps.ts';
import { timeoutsOf } from '../../runbook/timeouts.ts';
import { readJournal } from '../../vault/journal.ts';
import { type TestRecovery, testRecovery } from '../activities/support/recovery.ts';
import { contentOf } from '../end-to-end/support/content.ts';
import { pollUntil } from '../support/poll.ts';
import { type GatedGit, gatedGit, isGone } from './support/gated-git.ts';
import { onlyRow, timeScale } from './support/one-row.ts';
import { type OwnProcesses, ownProcesses } from './support/own-processes.ts';

/**
 * Two attempts of one act at the same time, by real workers on a real repository and real files. An act is held in its
 * middle, its server or worker is taken away for longer than a heartbeat, and the next attempt begins beside it.
 */
let recovery: TestRecovery;
let processes: OwnProcesses;
let git: GatedGit;

const returnKey = 'dataRecovery.returnToCheckpoint';
const restoreKey = 'dataRecovery.restoreData:data';
const { heartbeatMs } = timeoutsOf(rowOf('returnToCheckpoint'), 'full', timeScale);
/** Each file is an effect of its own: enough that a restore cannot be over before it is looked at. */
const files = Array.from({ length: 600 }, (_, n) => `data/${n}.txt`);

/** Real servers and workers come and go; a limit ends a hang, it is no measurement. */
vi.setConfig({ testTimeout: 300_000 });

beforeEach(async () => {
  recovery = await testRecovery({
    target: { data: [{ kind: 'path', name: 'data', path: 'data', restore: 'always' }] },
  });
  processes = ownProcesses(recovery.test.world.stateRoot, recovery.test.target.environment);
  git = gatedGit(recovery.test.dir);
});

afterEach(async () => {
  await processes.end();

  recovery.close();
});

it('two attempts in one process, after its server was away for longer than a heartbeat: HEAD moves once', async () => {
  const worker = await processes.worker({ env: { PATH: git.path } });
  const ended = await beginReturn();
  await processes.killServer();
  // The outage itself: the server must notice when it is back that nobody gave a sign of life.
  await wait(heartbeatMs + 2_000);
  await processes.server();
  await expectMovedOnce(ended);
  expect(worker.isAlive()).toBe(true);
});

it('an orphaned git of a killed worker is ended before its successor acts: HEAD moves once', async () => {
  const first = await processes.worker({ env: { PATH: git.path } });
  const ended = await beginReturn();
  first.signal('SIGKILL');
  await processes.worker({ env: { PATH: git.path } });
  await expectMovedOnce(ended);
});

it('a frozen worker and its git are ended before the successor acts: HEAD moves once', async () => {
  const frozen = await processes.worker({ env: { PATH: git.path } });
  const ended = await beginReturn();
  frozen.signal('SIGSTOP');
  await loseConnections();
  await processes.worker({ env: { PATH: git.path } });
  await expectMovedOnce(ended);
  expect(frozen.isAlive()).toBe(false);
});

it('a frozen worker that its successor cannot end wakes after it, and changes nothing', async () => {
  const { repository, test } = recovery;
  recovery.write('.gitignore', 'data/\n');
  for (const file of files) recovery.write(file, `${file} as it was\n`);
  await recovery.tag();
  await recovery.seal();
  for (const file of files) recovery.write(file, `{"torn ${file}`);
  const planned = await plan();
  const frozen = await processes.worker({ ownPids: true });
  const ended = await processes.begin('dataRecovery', onlyRow(test.room, planned, restoreKey));
  await pollUntil(
    'the first change of a file',
    () => records().some(({ step, kind }) => step === restoreKey && kind === 'intent'),
    (begun) => begun,
    120_000,
  );
  frozen.signal('SIGSTOP');
  expect(files.filter((file) => recovery.read(file).startsWith('{"torn')).length, 'it is half-way').toBeGreaterThan(0);
  await loseConnections();
  await processes.worker();
  expectDone(await ended(), restoreKey);
  expect(files.filter((file) => recovery.read(file) !== `${file} as it was\n`)).toEqual([]);

  // The stable system works with its data again, when the frozen one wakes.
  recovery.write(files[0] ?? '', 'of the stable system, which serves again\n');
  recovery.write('data/born-later.txt', 'made since\n');
  const data = join(repository, 'data');
  const served = contentOf([data]);
  expect(frozen.isAlive()).toBe(true);
  frozen.signal('SIGCONT');
  await pollUntil(
    'the end of the attempt that was frozen',
    () => records().filter(({ step, kind, attempt }) => step === restoreKey && kind === 'close' && attempt === 1),
    (closed) => closed.length > 0,
    120_000,
  );
  expect([...contentOf([data])]).toEqual([...served]);
});

/** A repository that an experiment has changed, on the way back; git is held before it moves HEAD. */
async function beginReturn(): Promise<() => Promise<PhaseResult>> {
  recovery.write('README.md', 'as it was\n');
  await recovery.tag();
  recovery.write('README.md', 'of the experiment\n');
  await recovery.git('commit', '-q', '-a', '-m', 'experiment');
  const planned = await plan();
  const ended = await processes.begin('dataRecovery', onlyRow(recovery.test.room, planned, returnKey));
  await pollUntil('git in mid-work', git.begun, (begun) => begun.length === 1, 120_000);
  return ended;
}

async function plan() {
  const { planned } = await recovery.plan();
  await recovery.run(makeSafetyCopy);
  return planned;
}

async function expectMovedOnce(ended: () => Promise<PhaseResult>): Promise<void> {
  const [older, newer] = await pollUntil('the next attempt', git.begun, (begun) => begun.length > 1, 120_000);
  expect(newer?.fence).not.toBe(older?.fence);
  expect(older && isGone(older), 'git of the older attempt was ended before the next one came as far').toBe(true);
  git.open();
  expectDone(await ended(), returnKey);
  expect(git.through()).toBe(1);
  const { rollbackId } = recovery.test.room.input;
  expect(await recovery.git('symbolic-ref', 'HEAD')).toBe(`refs/heads/rollback/${rollbackId}`);
  const moves = (await recovery.git('reflog', '--format=%gs', 'HEAD')).split('\n');
  expect(moves.filter((move) => move.includes(rollbackId))).toHaveLength(1);
  expect(recovery.read('README.md')).toBe('as it was\n');
}

function expectDone({ why, doneSteps }: PhaseResult, key: string): void {
  expect(doneSteps.map((step) => [step.key, step.outcome])).toEqual([[key, 'done']]);
  expect(why).toBe('finished');
}

/** A server that was away and is back does not wait for the answer of somebody who is frozen. */
async function loseConnections(): Promise<void> {
  await processes.killServer();
  await processes.server();
}

function records() {
  return readJournal(recovery.test.room.rollback.journal).records;
}
