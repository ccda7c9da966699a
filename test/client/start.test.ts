import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startInputOf } from '../../client/history.ts';
import type { RollbackRequest } from '../../contract/rollback.ts';
import { emptyRecovery, gate, scriptedActs } from '../support/scripted-acts.ts';
import { quietRuntime } from '../support/workflow-bundle.ts';
import { built, type Desk, withDesk } from './support/command.ts';

beforeAll(quietRuntime);
beforeAll(built, 300_000);

const start = ['start', '--scenario', 'service-disruption', '--reason', 'answers are wrong'] as const;

const destructive = {
  ...emptyRecovery,
  hash: 'destructive-plan',
  steps: [{ step: 'restoreData', root: 'agent', destroys: true, title: 'put agent back', reason: 'corrupt' }],
  discards: [{ what: 'agent: 3 files', files: 3, bytes: 30, changedSince: null, keptAt: 'safety/data/agent' }],
} as const;

describe('rollback start', () => {
  it('follows the rollback line by line and ends with the code of the verdict', async () => {
    await withDesk(async (desk) => {
      const acts = scriptedActs();
      acts.script('judgeWorld', { verdict: 'restored-with-exceptions', reasons: ['no baseline'], items: [] } as object);
      const ended = await desk.withWorker(acts, () => desk.rollback(...start, '--yes', '--since', '5m'));
      expect(ended.code, ended.stderr).toBe(3);
      const lines = ended.stdout.split('\n');
      const headings = ['Immediate response', 'Data recovery', 'System validation', 'Documentation'];
      expect(lines.filter((line) => headings.includes(line))).toEqual(headings);
      expect(lines.filter((line) => line.includes('Pause the experiment'))).toHaveLength(1);
      expect(ended.stdout).toContain('VERDICT: restored-with-exceptions');
      expect(ended.stdout).toContain('- no baseline');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
      expect(ended.stdout).not.toMatch(/\u001b/);
      const request = startInputOf(await desk.handle.fetchHistory()) as RollbackRequest;
      expect(request).toMatchObject({ yes: true, attended: false, resume: false, reason: 'answers are wrong' });
      expect(Date.now() - Date.parse(request.clockFrom)).toBeGreaterThanOrEqual(5 * 60_000);
    });
  });

  it('prints exactly one JSON object with --json, and all that people read to stderr', async () => {
    await withDesk(async (desk) => {
      const ended = await desk.withWorker(scriptedActs(), () => desk.rollback(...start, '--yes', '--json'));
      expect(ended.code).toBe(0);
      expect(JSON.parse(ended.stdout)).toMatchObject({
        state: 'closed',
        environment: desk.environment,
        verdict: 'restored',
        exitCode: 0,
      });
      expect(ended.stderr).toContain('Pause the experiment');
    });
  });

  it('refuses a second rollback and says who has the environment, since when and why', async () => {
    await withDesk(async (desk) => {
      const acts = scriptedActs();
      const held = gate();
      acts.script('containExperiment', held.answer);
      await desk.withWorker(acts, async () => {
        const first = await desk.rollback(...start, '--detach', '--json');
        expect(first.code, first.stderr).toBe(0);
        await held.reached;
        const second = await desk.rollback('start', '-s', 'data-corruption', '-r', 'me too', '--json');
        expect(second.code).toBe(5);
        const { error } = JSON.parse(second.stdout) as { error: { kind: string; message: string; data: object } };
        expect(error).toMatchObject({
          kind: 'running',
          data: { rollbackId: JSON.parse(first.stdout).rollbackId, reason: 'answers are wrong' },
        });
        expect(error.message).toMatch(/started by \S+@\S+ at 20\d\d-\d\d-\d\d .*answers are wrong/);
        held.open();
      });
    });
  });

  it('leaves with the question when nobody can be asked here; an answer from elsewhere carries the plan out', async () => {
    await withDesk(async (desk) => {
      const acts = scriptedActs();
      acts.script('planRecovery', destructive);
      await desk.withWorker(acts, async () => {
        const started = await desk.rollback(...start, '--json');
        expect(started.code, started.stderr).toBe(8);
        expect(JSON.parse(started.stdout)).toMatchObject({
          state: 'waiting',
          question: { kind: 'confirm-plan', planHash: 'destructive-plan' },
        });
        expect(started.stderr).toContain('kept at safety/data/agent');
        expect(acts.keys().some((key) => key.includes('restoreData'))).toBe(false);

        const status = await desk.rollback('status');
        expect(status.code).toBe(8);
        expect(status.stdout).toMatch(/1 {2}carry-out: .*\n {2}2 {2}leave: /);

        const wrong = await desk.rollback('answer', 'perhaps');
        expect([wrong.code, wrong.stderr.includes('carry-out')]).toEqual([2, true]);
        expect((await desk.rollback('answer', 'carry-out', '--question', 'another')).code).toBe(9);
        const answered = await desk.rollback('answer', '1', '--json');
        expect(JSON.parse(answered.stdout)).toMatchObject({ accepted: true, text: 'Taken: carry-out.' });
        expect((await desk.rollback('watch')).code).toBe(0);
        expect(acts.keys()).toContain('dataRecovery.restoreData:agent');
        expect((await desk.rollback('answer', 'leave')).code).toBe(9);
      });
    });
  });

  it('asks nothing where exactly this plan was agreed to beforehand', async () => {
    await withDesk(async (desk) => {
      const acts = scriptedActs();
      acts.script('planRecovery', destructive);
      const ended = await desk.withWorker(acts, () => desk.rollback(...start, '--plan', 'destructive-plan'));
      expect(ended.code, ended.stderr).toBe(0);
      expect(acts.keys()).toContain('dataRecovery.restoreData:agent');
    });
  });

  it.each(['SIGINT', 'SIGHUP'] as const)('is left by %s, says so, and the rollback goes on', async (signal) => {
    await withDesk(async (desk) => {
      const acts = scriptedActs();
      const held = gate();
      acts.script('stopExperiment', held.answer);
      await desk.withWorker(acts, async () => {
        const command = desk.beside(...start, '--yes');
        await held.reached;
        command.kill(signal);
        const ended = await command.ended;
        expect(ended.code).toBe(130);
        expect(ended.stdout).toContain('goes on');
        expect((await desk.handle.describe()).status.name).toBe('RUNNING');
        held.open();
        expect((await desk.rollback('watch')).code).toBe(0);
      });
    });
  });

  it('says at once that nobody takes the work, and starts nothing', async () => {
    await withDesk(async (desk) => {
      const ended = await desk.rollback(...start, '--json');
      expect(ended.code).toBe(7);
      expect(JSON.parse(ended.stdout)).toMatchObject({ error: { kind: 'no-worker' }, exitCode: 7 });
      expect(ended.stderr).toContain('nothing was started');
      await expectNothingStarted(desk);
    });
  });

  it('tells every fault of a target file at once and starts nothing', async () => {
    await withDesk(async (desk) => {
      const text = readFileSync(desk.targetFile, 'utf8');
      writeFileSync(
        desk.targetFile,
        `${text.replace(/^ {2}primary: .*$/m, '  primary: nobody\n  colour: blue')}\nsize: 3\n`,
      );
      const ended = await desk.rollbackWith({ TEMPORAL_ADDRESS: undefined }, ...start, '--json');
      expect(ended.code).toBe(2);
      const { error } = JSON.parse(ended.stdout) as { error: { details: readonly string[] } };
      expect(error.details.length).toBeGreaterThanOrEqual(2);
      expect(error.details.join('\n')).toMatch(/colour/);
      expect(error.details.join('\n')).toMatch(/size/);
      await expectNothingStarted(desk);
    });
  });

  it.each([
    ['an unknown data root', [...start, '--put-back', 'nowhere', '--leave', 'elsewhere'], /nowhere[\s\S]*elsewhere/],
    ['an empty reason', ['start', '-s', 'emergency', '-r', ' '], /--reason is empty/],
    ['no scenario', ['start', '-r', 'why'], /--scenario/],
    ['an unknown scenario', ['start', '-r', 'why', '-s', 'panic'], /data-corruption/],
    ['a time in the future', [...start, '--since', '2999-01-01T00:00:00Z'], /future/],
  ])('refuses %s as wrong usage', async (_, args, says) => {
    await withDesk(async (desk) => {
      const ended = await desk.rollback(...args);
      expect([ended.code, ended.stdout]).toEqual([2, '']);
      expect(ended.stderr).toMatch(says);
      await expectNothingStarted(desk);
    });
  });
});

async function expectNothingStarted(desk: Desk): Promise<void> {
  await expect(desk.handle.describe()).rejects.toThrow(/not found/i);
  expect(existsSync(join(desk.stateRoot, 'server'))).toBe(false);
}
