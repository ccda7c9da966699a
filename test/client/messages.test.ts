import { hostname } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { startInputOf } from '../../client/history.ts';
import { taskQueueOf, workflowTypes } from '../../contract/ids.ts';
import type { RollbackRequest } from '../../contract/rollback.ts';
import { requestOf } from '../support/rollback-run.ts';
import { gate, scriptedActs } from '../support/scripted-acts.ts';
import { quietRuntime } from '../support/workflow-bundle.ts';
import { built, withDesk } from './support/command.ts';

beforeAll(quietRuntime);
beforeAll(built, 300_000);

const start = ['start', '--scenario', 'service-disruption', '--reason', 'answers are wrong', '--yes'] as const;

describe('messages to a running rollback', () => {
  it('pauses after the step at work, goes on, and refuses what makes no sense', async () => {
    await withDesk(async (desk) => {
      const acts = scriptedActs();
      const held = gate();
      acts.script('stopExperiment', held.answer);
      await desk.withWorker(acts, async () => {
        await desk.rollback(...start, '--detach');
        await held.reached;
        const paused = await desk.rollback('pause', '--why', 'let me look', '--json');
        expect([paused.code, JSON.parse(paused.stdout).accepted]).toEqual([0, true]);
        const again = await desk.rollback('pause');
        expect([again.code, again.stdout]).toEqual([5, 'Not taken: Already paused.']);
        held.open();
        await desk.boardWhere((board) => board.paused);
        expect((await desk.rollback('status')).stdout).toContain('Paused');
        expect((await desk.rollback('resume')).code).toBe(0);
        expect((await desk.rollback('watch')).code).toBe(0);
      });
    });
  });

  it('cancels, and resume goes on with the same rollback under its id', async () => {
    await withDesk(async (desk) => {
      const acts = scriptedActs();
      const held = gate();
      acts.script('stopExperiment', held.answer, {});
      await desk.withWorker(acts, async () => {
        const started = await desk.rollback(...start, '--detach', '--json');
        await held.reached;
        expect((await desk.rollback('cancel')).code).toBe(0);
        held.open();
        const cancelled = await desk.rollback('watch', '--json');
        expect(cancelled.code).toBe(4);
        const { rollbackId } = JSON.parse(started.stdout) as { rollbackId: string };
        expect(JSON.parse(cancelled.stdout)).toMatchObject({ rollbackId, verdict: 'not-proven' });
        expect(acts.keys()).not.toContain('dataRecovery.checkIntegrity');

        const resumed = await desk.rollback('resume', '--json');
        expect(resumed.code, resumed.stderr).toBe(0);
        expect(JSON.parse(resumed.stdout)).toMatchObject({ rollbackId, verdict: 'restored' });
        const request = startInputOf(await desk.handle.fetchHistory()) as RollbackRequest;
        expect(request).toMatchObject({ rollbackId, resume: true, yes: true, reason: 'answers are wrong' });
        expect(acts.keys()).toContain('dataRecovery.checkIntegrity');
      });
    });
  });

  it('has the emergency path take a running rollback over', async () => {
    await withDesk(async (desk) => {
      const acts = scriptedActs();
      const held = gate();
      acts.script('captureLiveLogs', held.answer);
      await desk.withWorker(acts, async () => {
        const started = await desk.rollback(...start, '--detach', '--json');
        await held.reached;
        const emergency = await desk.rollback('emergency', '--reason', 'it leaks keys', '--json');
        expect(emergency.code, emergency.stderr).toBe(0);
        expect(JSON.parse(emergency.stdout).rollbackId).toBe(JSON.parse(started.stdout).rollbackId);
        expect((await desk.board())?.mode).toBe('emergency');
        expect(acts.keys()).toContain('emergency.takeOver');
        expect(acts.keys()).toContain('emergency.stopExperiment');
      });
    });
  });

  it('starts an emergency where nothing runs, and a second one joins it', async () => {
    await withDesk(async (desk) => {
      const acts = scriptedActs();
      const held = gate();
      acts.script('stopExperiment', held.answer);
      await desk.withWorker(acts, async () => {
        expect((await desk.rollback('emergency', '-r', 'no answers', '--security', '--detach')).code).toBe(0);
        await held.reached;
        const second = desk.beside('emergency', '-r', 'no answers here either');
        await desk.boardWhere((board) => board.answers.some(({ text }) => text.includes('already at work')));
        held.open();
        expect((await second.ended).code).toBe(0);
        const request = startInputOf(await desk.handle.fetchHistory()) as RollbackRequest;
        expect(request).toMatchObject({ scenario: 'emergency', security: true });
        expect(acts.keys().filter((key) => key === 'preparation.openRollback')).toHaveLength(1);
      });
    });
  });

  it('says that nobody reads the message for now, and that it is kept', async () => {
    await withDesk(async (desk) => {
      await desk.client.workflow.start(workflowTypes.rollback, {
        workflowId: desk.handle.workflowId,
        taskQueue: taskQueueOf(desk.environment, hostname()),
        args: [requestOf({ environment: desk.environment })],
      });
      const cancelled = await desk.rollback('cancel');
      expect(cancelled.code).toBe(7);
      expect(cancelled.stderr).toMatch(/No worker is at work.*is kept/s);
      const status = await desk.rollback('status');
      expect([status.code, status.stdout.includes('No worker has taken it yet.')]).toEqual([0, true]);
      const acts = scriptedActs();
      const ended = await desk.withWorker(acts, () => desk.rollback('watch'));
      expect(ended.code).toBe(4);
      expect(acts.keys()).not.toContain('dataRecovery.checkIntegrity');
    });
  });

  it('says of ack who is at it, and refuses it when nobody was called', async () => {
    await withDesk(async (desk) => {
      const acts = scriptedActs();
      const held = gate();
      acts.script('stopExperiment', held.answer);
      await desk.withWorker(acts, async () => {
        await desk.rollback(...start, '--detach');
        await held.reached;
        const refused = await desk.rollback('ack', '--json');
        expect([refused.code, JSON.parse(refused.stdout).text]).toEqual([5, 'Nobody has been called.']);
        held.open();
        expect((await desk.rollback('watch')).code).toBe(0);
      });
    });
  });

  it.each([
    ['pause'],
    ['cancel'],
    ['ack'],
    ['answer', 'leave'],
    ['resume'],
    ['watch'],
    ['status'],
    ['report'],
    ['handover'],
  ])('says of %s that there is no rollback', async (...args) => {
    await withDesk(async (desk) => {
      const ended = await desk.rollback(...args, '--json');
      expect(ended.code, ended.stderr).toBe(9);
      expect(JSON.parse(ended.stdout)).toMatchObject({ error: { kind: 'not-found' }, exitCode: 9 });
    });
  });

  it('does not take the worker away from a rollback unless it is forced', async () => {
    await withDesk(async (desk) => {
      const acts = scriptedActs();
      const held = gate();
      acts.script('stopExperiment', held.answer);
      await desk.withWorker(acts, async () => {
        await desk.rollback(...start, '--detach');
        await held.reached;
        const refused = await desk.rollback('down');
        expect([refused.code, refused.stderr.includes('nothing was stopped')]).toEqual([5, true]);
        const forced = await desk.rollback('down', '--force', '--json');
        expect(forced.code, forced.stderr).toBe(0);
        expect(JSON.parse(forced.stdout)).toMatchObject({ paused: [desk.environment] });
        held.open();
      });
    });
  });
});
