import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeChecklist } from '../../../activities/documentation/write-checklist.ts';
import { writeReport } from '../../../activities/documentation/write-report.ts';
import { writeRecord } from '../../../activities/kernel/records.ts';
import type { ContainmentPlan, Judgement, PlannedContainer, RecoveryPlan } from '../../../contract/records.ts';
import { followUp } from '../../../runbook/after-rollback.ts';
import { checklistIds } from '../../../runbook/checklist.ts';
import { type TestContainers, testContainers } from '../support/containers.ts';
import { roomFor, type TestRoom } from '../support/room.ts';

const secret = 's3cret-value-of-the-key';

let containers: TestContainers;
let test: TestRoom;

beforeEach(async () => {
  containers = await testContainers();
  test = await roomFor({
    target: {
      compose: { project: containers.tag },
      health: { url: 'http://127.0.0.1:9/health', headers: { authorization: { secret: 'THE_KEY' } } },
      stable: { composeFiles: ['docker-compose.yml'], services: ['stable', 'store'], primary: 'stable' },
    },
    world: { secrets: { THE_KEY: secret } },
    input: { key: 'documentation.writeReport' },
  });
});

afterEach(async () => {
  test.close();
  await containers.removeAll();
});

describe('writeChecklist', () => {
  it('lists every item of the runbook with measurement, status and evidence, what nobody measured as unknown', async () => {
    keepJudgement({ 'stable-running': 'pass', 'git-clean': 'fail' });
    const result = await writeChecklist(test.room);
    expect(result).toMatchObject({ outcome: 'done', figures: { items: checklistIds.length, pass: 1, fail: 1 } });

    const json = JSON.parse(read('checklist.json'));
    expect(json.items.map(({ id }: { id: string }) => id)).toEqual(checklistIds);
    expect(json.items.find(({ id }: { id: string }) => id === 'stable-running')).toMatchObject({
      status: 'pass',
      measured: 'measured stable-running',
      evidence: '/evidence/stable-running.json',
    });
    expect(json.items.filter(({ status }: { status: string }) => status === 'unknown')).toHaveLength(
      checklistIds.length - 2,
    );
    const markdown = read('checklist.md');
    for (const { title, measurement } of json.items) {
      expect(markdown).toContain(title);
      expect(markdown).toContain(measurement);
    }
    expect(markdown).toContain('[x] **pass** Containers of the stable system run');
    expect(await writeChecklist(test.room)).toMatchObject({ outcome: 'already-done' });
  });

  it('passes nothing when the world was not judged', async () => {
    const result = await writeChecklist(test.room);
    expect(result.figures).toMatchObject({ pass: 0, unknown: checklistIds.length });
    expect(read('checklist.md')).toContain('nothing here is proven');
  });
});

describe('writeReport', () => {
  it('says who, why, what was measured down, what was discarded and proven, and leaves to people what is theirs', async () => {
    await incidentOnRecord();
    expect((await writeReport(test.room)).outcome).toBe('done');
    const report = read('incident-report.md');
    const parts = [
      'why: the answers were wrong since two',
      'started by: kim on the-host',
      'scenario: data-corruption',
      '**restored-with-exceptions**',
      'because a step was left out',
      'stable: not down for a moment (same container, same start',
      'store: down 42.0 s, from 2026-02-03T10:01:00.000Z to',
      'agent: 3 files, 77 bytes, changed since 2026-02-01T00:00:00.000Z; kept at `/kept/here`',
      'agent: 10 compared, 9 equal, 1 differ',
      'data root gemini was not put back (leave): changed is not corrupt',
      'never began: Ask the stable system real questions',
      'stop it-was-stopped',
      '**Stop what uses the data**: begins anew; the attempt before it was cut off',
      'owed from here on: Start it again.',
      'Level 1: Nobody: nobody@example.com',
      'commit abc123',
    ];
    expect(parts.filter((part) => !report.includes(part))).toEqual([]);
    for (const { activities } of followUp) for (const each of activities) expect(report).toContain(`- [ ] ${each}`);
    expect(report.match(/\*\*TO BE WRITTEN BY PEOPLE\.\*\*/g)).toHaveLength(2);
    expect(report).toMatch(/## Still owed\n\n- Start it again\./);
  });

  it('holds no secret, even where a server repeated one', async () => {
    keepJudgement({ 'basic-queries': 'fail' }, `it answered: your key ${secret} is wrong, password=hunter22`);
    await writeChecklist(test.room);
    await writeReport(test.room);
    for (const name of ['incident-report.md', 'checklist.md', 'checklist.json']) {
      expect(read(name)).toContain('it answered: your key');
      expect(read(name)).not.toContain(secret);
      expect(read(name)).not.toContain('hunter22');
    }
  });

  it('keeps what people wrote into an earlier draft', async () => {
    await writeReport(test.room);
    expect((await writeReport(test.room)).outcome).toBe('already-done');
    const path = join(test.room.rollback.reportDir, 'incident-report.md');
    writeFileSync(path, `${readFileSync(path, 'utf8')}It was the migration.\n`);
    expect((await writeReport(test.room)).outcome).toBe('done');
    const all = readdirSync(test.room.rollback.reportDir).map((name) => read(name));
    expect(all.some((text) => text.includes('It was the migration.'))).toBe(true);
    expect(read('incident-report.md')).not.toContain('It was the migration.');
  });
});

/** `stable` runs as before; `store` was stopped by us at 10:01:00 and its container came up 42 seconds later. */
async function incidentOnRecord(): Promise<void> {
  const { room } = test;
  const labels = (service: string) => ({
    'com.docker.compose.project': containers.tag,
    'com.docker.compose.service': service,
  });
  const stable = await (await containers.make({ labels: labels('stable') })).inspect();
  const store = await (await containers.make({ labels: labels('store') })).inspect();
  const plan: ContainmentPlan = {
    format: 1,
    at: '2026-02-03T10:00:00.000Z',
    daemonId: 'd',
    machineId: 'm',
    experiment: [],
    stable: [
      planned({ id: stable.Id, service: 'stable', startedAt: stable.State.StartedAt }),
      planned({ id: store.Id, service: 'store', startedAt: '2026-01-01T00:00:00Z' }),
    ],
    stableMissing: [],
  };
  writeRecord(room, 'containment', plan);
  const recovery: RecoveryPlan = {
    format: 1,
    at: '2026-02-03T10:00:30.000Z',
    checkpoint: { id: null, ref: 'known-good', commit: 'abc123', tree: 'def456' },
    roots: [
      { root: 'agent', action: 'put-back', source: 'checkpoint', reasons: ['corrupt'] },
      { root: 'gemini', action: 'leave', source: null, reasons: ['changed is not corrupt'] },
    ],
    steps: [],
    discards: [{ what: 'agent', files: 3, bytes: 77, changedSince: '2026-02-01T00:00:00.000Z', keptAt: '/kept/here' }],
    questions: [],
    conflicts: [],
    stopForData: [],
    recreate: [],
    git: { returnTo: null, branch: null, reason: 'clean' },
  };
  writeRecord(room, 'recovery', recovery);
  keepJudgement({ 'stable-running': 'pass' });
  const request = {
    scenario: 'data-corruption',
    reason: 'the answers were wrong since two',
    by: { account: 'kim', uid: 1, host: 'the-host' },
    clockFrom: '2026-02-03T10:00:00.000Z',
    timeScale: 1,
  };
  writeFileSync(join(room.rollback.dir, 'request.json'), JSON.stringify(request));
  const who = { epoch: 1, step: 'dataRecovery.stopDataUsers', schedule: 1, attempt: 1 };
  const downFrom = '2026-02-03T10:01:00.000Z';
  const effect = { kind: 'stop', target: store.Id, detail: { name: 'it-was-stopped' } };
  // A worker that was killed leaves a beginning without an end.
  for (const kind of ['open', 'open'] as const) room.journal.append({ ...who, at: downFrom, kind });
  const intent = room.journal.append({ ...who, at: downFrom, kind: 'intent', effect, recovery: 'do-again' });
  room.journal.append({ ...who, at: downFrom, kind: 'confirm', intent, result: 'done', reason: '' });
  room.journal.append({ ...who, at: downFrom, kind: 'obligation', id: 'stable-serves', what: 'Start it again.' });
  // The real container started just now: the world says when, as inspect would have 42 seconds after the stop.
  const { docker } = room.world;
  Object.assign(test.room, {
    world: {
      ...room.world,
      docker: {
        ...docker,
        inspect: async (id: string) => {
          const facts = await docker.inspect(id);
          return facts?.id === store.Id ? { ...facts, startedAt: '2026-02-03T10:01:42.000Z' } : facts;
        },
      },
    },
    input: {
      ...room.input,
      options: {
        conclusion: {
          verdict: 'restored-with-exceptions',
          reasons: ['because a step was left out'],
          healthyAt: '2026-02-03T10:02:00.000Z',
          ending: 'finished',
        },
      },
    },
  });
}

function planned(of: Pick<PlannedContainer, 'id' | 'service' | 'startedAt'>): PlannedContainer {
  return {
    ...of,
    name: `the-${of.service}`,
    why: 'label',
    image: 'sha256:1',
    state: 'running',
    restartCount: 0,
    restartPolicy: { name: 'no', maximumRetryCount: 0 },
    autoRemove: false,
    mounts: [],
    networks: [],
  };
}

function keepJudgement(statuses: Readonly<Record<string, 'pass' | 'fail'>>, measured?: string): void {
  const judgement: Judgement = {
    format: 1,
    at: '2026-02-03T10:03:00.000Z',
    verdict: 'not-proven',
    reasons: [],
    items: Object.entries(statuses).map(([id, status]) => ({
      id,
      status,
      measured: measured ?? `measured ${id}`,
      required: true,
      evidence: `/evidence/${id}.json`,
    })),
    data: [
      {
        root: 'agent',
        compared: 10,
        equal: 9,
        differing: 1,
        missing: 0,
        extra: 0,
        rootHash: 'beef',
        explained: 'As the policy says.',
      },
    ],
    images: [],
    git: { head: 'abc123', branch: 'rollback/x', tree: 'def456' },
  };
  mkdirSync(test.room.rollback.reportDir, { recursive: true });
  writeRecord(test.room, 'judgement', judgement);
}

function read(name: string): string {
  return readFileSync(join(test.room.rollback.reportDir, name), 'utf8');
}
