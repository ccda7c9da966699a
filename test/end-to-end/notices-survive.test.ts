import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { execa } from 'execa';
import { beforeAll, expect, it } from 'vitest';
import { noticeRecords } from '../../activities/notices/notice-records.ts';
import { keepTarget } from '../../activities/preparation/take-environment.ts';
import type { EscalationRequest, EscalationResult } from '../../contract/escalation.ts';
import { escalationWorkflowId, taskQueueOf, workflowTypes } from '../../contract/ids.ts';
import type { UpResult } from '../../contract/processes.ts';
import { ensureBuild } from '../../setup/build.mjs';
import { snapshotOf } from '../../target/snapshot.ts';
import { environmentLayout } from '../../vault/layout.ts';
import { stopServer } from '../../workers/embedded-server.ts';
import { readWorkerInfo, stopWorker } from '../../workers/ensure-worker.ts';
import { testTarget } from '../activities/support/room.ts';
import { pollUntil } from '../support/poll.ts';
import { httpReceiver, mailReceiver } from '../support/receivers.ts';
import { seeded } from './kill-sweep/seeded.ts';
import { atATime } from './support/at-a-time.ts';

/**
 * The real server or the real worker is killed within a second of a deadline of the ladder, at a moment that the seed
 * chooses; real receivers on the loopback count what arrives. NOTICE_SEEDS=20 tries twenty seeds.
 */
const seeds = Array.from({ length: Number(process.env['NOTICE_SEEDS'] ?? 2) }, (_, index) => index + 1);
const acknowledgeMs = 4_000;
const repeats = 1;
const levels = [1, 2] as const;
const callsInAll = levels.length * (repeats + 1);

/** Started as set-up has built it. */
const mainFile = fileURLToPath(new URL('../../dist/workers/main.js', import.meta.url));

beforeAll(ensureBuild, 300_000);

it('tells each receiver each notice under one key, none is missing, whatever was killed at a deadline', async () => {
  await atATime(2, seeds, async (seed) => {
    const { web, mail, records, called, killed } = await play(seed);
    const told = `seed ${seed}: ${killed}`;
    process.stdout.write(`${told}; ${web.length} posts, ${mail.length} mails\n`);
    expect(called, told).toEqual(levels.map((level) => ({ level, name: `L${level}`, how: 'did not acknowledge' })));
    expect(new Set(web).size, told).toBe(callsInAll);
    expect(new Set(mail).size, told).toBe(callsInAll);
    expect(
      records.map(({ state }) => state),
      told,
    ).toEqual(Array.from({ length: callsInAll * 2 }, () => 'sent'));
  });
}, 1_200_000);

async function play(seed: number) {
  const random = seeded(seed);
  const web = await httpReceiver();
  const mail = await mailReceiver();
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'notices-survive-')));
  const stateRoot = join(dir, 'state');
  const environment = `n-${randomUUID().slice(0, 8)}`;
  const up = async (): Promise<UpResult> => {
    const argv = [mainFile, 'up', '--environment', environment, '--json'];
    const { stdout } = await execa(process.execPath, argv, { env: { ROLLBACK_STATE_DIR: stateRoot } });
    return JSON.parse(stdout) as UpResult;
  };
  try {
    const target = { ...testTarget(dir, { notices: { channels: channelsTo(web.url, mail.port) } }), environment };
    const { hash } = snapshotOf(target);
    const rollbackId = `${environment}-r`;
    const files = environmentLayout(stateRoot, environment).rollback(rollbackId);
    keepTarget(files, target, hash);
    const { server } = await up();
    const { address, namespace } = server.info ?? { address: '', namespace: '' };
    const request: EscalationRequest = {
      environment,
      rollbackId,
      scenario: 'service-disruption',
      reason: 'test',
      targetHash: hash,
      rungs: levels.map(rungOf),
      cause: 'target-passed',
      timeScale: 1,
    };
    const workflowId = escalationWorkflowId(rollbackId, '1');
    const connection = await Connection.connect({ address });
    const taskQueue = taskQueueOf(environment, hostname());
    const start = new Client({ connection, namespace }).workflow.start(workflowTypes.escalation, {
      workflowId,
      taskQueue,
      args: [request],
    });
    await start;
    await connection.close();
    await pollUntil(
      'the first call',
      () => noticeRecords(files),
      (records) => records.length > 0,
    );
    // Within a second of the next deadline, before or after it.
    await wait(acknowledgeMs - 1_000 + random.below(2_000));
    const victim = (['worker', 'server'] as const)[seed % 2] ?? 'worker';
    const pid = victim === 'server' ? server.info?.pid : readWorkerInfo(stateRoot, environment)?.pid;
    if (pid === undefined) throw new Error(`no ${victim} to kill`);
    process.kill(pid, 'SIGKILL');
    await wait(random.below(2_000));
    const { called } = await resultAfter(await up(), workflowId);
    const records = await pollUntil(
      'every notice to be taken',
      () => noticeRecords(files),
      (all) => all.length >= callsInAll * 2 && all.every(({ state }) => state === 'sent'),
      120_000,
    );
    return {
      web: web.received.map(({ headers }) => String(headers['idempotency-key'])),
      mail: mail.mails.map((each) => /^Message-ID:\s*(<[^>]*>)/im.exec(each)?.[1] ?? 'none'),
      records,
      called,
      killed: `${victim} (${pid}) killed`,
    };
  } finally {
    await stopWorker(stateRoot, environment);
    await stopServer(stateRoot);
    await web.close();
    await mail.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Asked anew: no connection from before the kill. */
async function resultAfter({ server }: UpResult, workflowId: string): Promise<EscalationResult> {
  const { address, namespace } = server.info ?? { address: '', namespace: '' };
  const connection = await Connection.connect({ address });
  try {
    return (await new Client({ connection, namespace }).workflow.getHandle(workflowId).result()) as EscalationResult;
  } finally {
    await connection.close();
  }
}

function channelsTo(url: string, port: number) {
  return [
    { kind: 'webhook' as const, name: 'web', url, timeout: '5s' },
    {
      kind: 'email' as const,
      name: 'mail',
      host: '127.0.0.1',
      port,
      tls: 'when-offered' as const,
      from: 'rollback@example.com',
      to: ['ops@example.com'],
      timeout: '5s',
    },
  ];
}

function rungOf(level: number) {
  return { level, name: `L${level}`, notify: ['web', 'mail'], acknowledgeMs, repeats, businessHours: null };
}
