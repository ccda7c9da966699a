import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Judgement } from '../../contract/records.ts';
import { openJournal } from '../../vault/journal.ts';
import { environmentLayout } from '../../vault/layout.ts';
import { requestOf } from '../support/rollback-run.ts';
import { built, type Desk, withDesk } from './support/command.ts';

beforeAll(built, 300_000);

/** No server is configured, and the embedded one of this state folder does not run. */
const alone = { TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined };

describe('with no server', () => {
  it('status reads steps, what is owed and how far it is from the journal', async () => {
    await withDesk(async (desk) => {
      const id = leaveRollback(desk);
      const json = await desk.rollbackWith(alone, 'status', '--json');
      expect(json.code, json.stderr).toBe(0);
      expect(JSON.parse(json.stdout)).toMatchObject({
        source: 'journal',
        rollbackId: id,
        state: 'open',
        reason: 'answers are wrong',
        obligations: [{ id: 'stable-serves', what: 'start the stable system again' }],
        steps: [
          { key: 'immediateResponse.containExperiment', state: 'done' },
          { key: 'dataRecovery.restoreData:agent', state: 'running', endedAt: null },
        ],
      });
      expect(json.stderr).toContain('does not run');
      const text = await desk.rollbackWith(alone, 'status');
      expect(text.stdout).toMatch(/Put the data back: agent/);
      expect(text.stdout).toMatch(/Still owed:\n.*start the stable system again/);
      const card = await desk.rollbackWith(alone, 'handover');
      expect(card.code, card.stderr).toBe(0);
      expect(card.stdout).toMatch(/Still owed, whatever happens\n.*start the stable system again/);
      expect(card.stdout).toContain(`rollback up --environment ${desk.environment}`);
    });
  });

  it('report tells verdict, open items and paths, and prints the report itself', async () => {
    await withDesk(async (desk) => {
      const id = leaveRollback(desk, { judged: true });
      const report = await desk.rollbackWith(alone, 'report');
      expect(report.code, report.stderr).toBe(0);
      expect(report.stdout).toMatch(/Judged not-proven .*: 2 items, 1 pass, 0 fail, 1 unknown/);
      expect(report.stdout).toContain('- git-clean: unknown: nobody looked');
      const json = JSON.parse((await desk.rollbackWith(alone, 'report', id, '--json')).stdout);
      expect(json).toMatchObject({ rollbackId: id, judged: 'not-proven', checklist: [{}, {}] });
      const printed = await desk.rollbackWith(alone, 'report', '--print');
      expect(printed.stdout).toBe('# What happened');
      const list = JSON.parse((await desk.rollbackWith(alone, 'report', '--list', '--json')).stdout);
      expect(list.rollbacks.map((one: { rollbackId: string }) => one.rollbackId)).toEqual([id]);
      expect((await desk.rollbackWith(alone, 'report', 'another')).code).toBe(9);
    });
  });

  it.each([['pause'], ['watch'], ['answer', 'leave'], ['cancel']])(
    '%s says that there is no server',
    async (...args) => {
      await withDesk(async (desk) => {
        leaveRollback(desk);
        const ended = await desk.rollbackWith(alone, ...args, '--json');
        expect(ended.code).toBe(7);
        expect(JSON.parse(ended.stdout)).toMatchObject({ error: { kind: 'no-server' } });
      });
    },
  );

  it('an emergency with a faulty target names its faults instead of the server', async () => {
    await withDesk(async (desk) => {
      writeFileSync(desk.targetFile, `environment: ${desk.environment}\ncolour: blue\n`);
      const ended = await desk.rollbackWith(alone, 'emergency', '-r', 'now');
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain('colour');
    });
  });

  it('doctor looks at what can be seen from here and names the rest as not looked at', async () => {
    await withDesk(async (desk) => {
      const ended = await desk.rollbackWith(
        { ...alone, DOCKER_HOST: `unix://${desk.folder}/none.sock` },
        'doctor',
        '--json',
      );
      expect(ended.code).toBe(6);
      const { findings } = JSON.parse(ended.stdout) as { findings: { id: string; status: string }[] };
      const status = Object.fromEntries(findings.map((finding) => [finding.id, finding.status]));
      expect(status).toMatchObject({
        target: 'ok',
        server: 'weak',
        docker: 'bad',
        checkpoint: 'unknown',
        machine: 'unknown',
      });
    });
  });

  it('doctor tells the faults of a target file', async () => {
    await withDesk(async (desk) => {
      writeFileSync(desk.targetFile, `environment: ${desk.environment}\ncolour: blue\n`);
      const ended = await desk.rollbackWith(alone, 'doctor');
      expect(ended.stdout).toMatch(/BAD.*Target file is sound[\s\S]*colour/);
      expect(ended.code).not.toBe(0);
    });
  });
});

/** What a rollback that was interrupted in data recovery leaves. @returns its id */
function leaveRollback(desk: Desk, options: { readonly judged?: boolean } = {}): string {
  const id = `${desk.environment}-20260101t000000z-test`;
  const files = environmentLayout(desk.stateRoot, desk.environment).rollback(id);
  const { target: _, ...request } = requestOf({
    environment: desk.environment,
    rollbackId: id,
    reason: 'answers are wrong',
  });
  write(files.dir, 'request.json', JSON.stringify(request));
  const journal = openJournal(files.journal);
  const base = (step: string, minute: number) => ({
    at: `2026-01-01T00:0${minute}:00.000Z`,
    epoch: 1,
    step,
    schedule: 1,
    attempt: 1,
  });
  journal.append({ ...base('preparation.openRollback', 0), kind: 'note', text: 'started' });
  journal.append({ ...base('immediateResponse.containExperiment', 1), kind: 'open' });
  journal.append({
    ...base('immediateResponse.containExperiment', 2),
    kind: 'close',
    result: 'done',
    reason: '4 paused',
  });
  journal.append({ ...base('dataRecovery.restoreData:agent', 3), kind: 'open' });
  const owed = { id: 'stable-serves', what: 'start the stable system again' };
  journal.append({ ...base('dataRecovery.restoreData:agent', 3), kind: 'obligation', ...owed });
  journal.close();
  if (options.judged === true) {
    write(files.reportDir, 'judgement.json', JSON.stringify(judgement));
    write(files.reportDir, 'incident-report.md', '# What happened\n');
  }
  return id;
}

const judgement: Judgement = {
  format: 1,
  at: '2026-01-01T00:09:00.000Z',
  verdict: 'not-proven',
  reasons: ['git-clean: unknown'],
  items: [
    { id: 'stable-running', status: 'pass', measured: '2 containers', required: true },
    { id: 'git-clean', status: 'unknown', measured: 'nobody looked', required: true },
  ],
  data: [],
  images: [],
  git: { head: '0'.repeat(40), branch: null, tree: '0'.repeat(40) },
};

function write(folder: string, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}
