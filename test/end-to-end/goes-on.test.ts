import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { chat } from '../../lab/ask.ts';
import { queries, rightAnswer } from '../../lab/content.ts';
import { serverPlaces, workerPlaces } from '../../workers/places.ts';
import { expectRestored } from './support/expect-restored.ts';
import type { Practice } from './support/practice.ts';
import { withPractice } from './support/practice.ts';

const phases = ['immediateResponse', 'dataRecovery', 'systemValidation', 'documentation'] as const;

it('goes on after a closed terminal and after its worker was killed in each phase', async () => {
  await withPractice({}, async (practice) => {
    await practice.lab.breakIt('half-migration');
    const terminal = practice.beside(...start);
    await practice.journalHas('the containment', ({ step }) => step.startsWith('immediateResponse.'));
    terminal.kill('SIGKILL');
    for (const phase of phases) {
      await practice.journalHas(`a step of ${phase}`, ({ step }) => step.startsWith(`${phase}.`));
      kill(pidIn(workerPlaces(practice.lab.stateDir, practice.environment).info));
      expect((await practice.rollback('up')).code).toBe(0);
    }
    await expectSameEnd(practice);
  });
}, 400_000);

it('goes on after its server, and then server and worker together, were killed', async () => {
  await withPractice({}, async (practice) => {
    await practice.lab.breakIt('half-migration');
    const terminal = practice.beside(...start);
    await practice.journalHas('the data recovery', ({ step }) => step.startsWith('dataRecovery.makeSafetyCopy'));
    kill(pidIn(serverPlaces(practice.lab.stateDir).info));
    terminal.kill('SIGKILL');
    expect((await practice.rollback('up')).code).toBe(0);
    await practice.journalHas('the validation', ({ step }) => step.startsWith('systemValidation.'));
    kill(pidIn(serverPlaces(practice.lab.stateDir).info));
    kill(pidIn(workerPlaces(practice.lab.stateDir, practice.environment).info));
    expect((await practice.rollback('up')).code).toBe(0);
    await expectSameEnd(practice);
  });
}, 400_000);

const start = ['start', '--scenario', 'data-corruption', '--reason', 'half a migration', '--yes'] as const;

/** As an unbroken run ends: right answers, data equal to the checkpoint, every destructive effect once. */
async function expectSameEnd(practice: Practice): Promise<void> {
  const ended = await practice.rollback('watch');
  const judgement = expectRestored(practice, ended);
  const agent = judgement.data.find(({ root }) => root === 'agent');
  expect([agent?.differing, agent?.missing, agent?.extra]).toEqual([0, 0, 0]);
  expect((await chat(practice.lab.ports.stable, queries.complex)).body).toEqual(rightAnswer(queries.complex));
  const moves = execFileSync('git', ['-C', practice.lab.repository, 'reflog', '--format=%gs', 'HEAD'], {
    encoding: 'utf8',
  })
    .split('\n')
    // The message that a move of HEAD leaves names the rollback.
    .filter((line) => line.includes(practice.files().rollbackId));
  expect(moves.length).toBe(1);
}

function pidIn(file: string): number {
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly pid: number }).pid;
}

function kill(pid: number): void {
  process.kill(pid, 'SIGKILL');
}
