import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { allActivities } from '../../activities/index.ts';
import { identityOf } from '../../activities/kernel/identity.ts';
import { lockKeyOf } from '../../activities/preparation/take-environment.ts';
import { type Board, boardKey } from '../../contract/board.ts';
import { rollbackWorkflowId, signalNames, taskQueueOf, workflowTypes } from '../../contract/ids.ts';
import { snapshotOf } from '../../target/snapshot.ts';
import { environmentLayout } from '../../vault/layout.ts';
import { releaseLock } from '../../vault/lock.ts';
import { readVersions, type Versions, versionsName, writeVersions } from '../../vault/versions-file.ts';
import { chooseBundle, OtherVersion } from '../../workers/choose-bundle.ts';
import { bundlesDir } from '../../workers/kept-bundles.ts';
import { workUntil } from '../../workers/run-worker.ts';
import { type TestRecovery, testRecovery } from '../activities/support/recovery.ts';
import { changedBundle } from '../replay/mutants/changed-bundle.ts';
import { additions, swap } from '../replay/mutants/mutants.ts';
import { pollUntil } from '../support/poll.ts';
import { requestOf } from '../support/rollback-run.ts';
import { emptyRecovery, type ScriptedActs, scriptedActs } from '../support/scripted-acts.ts';
import { quietRuntime, workflowBundle } from '../support/workflow-bundle.ts';

const begun: Versions = { format: 1, product: '0.1.0', sdk: '1.24.0', server: '1.32.0', bundle: 'a' };

describe('which workflow code a worker runs', () => {
  it('its own, unless a rollback is under way that began with other code', () => {
    const own = { kind: 'installed' };
    expect(chooseBundle(undefined, begun)).toEqual(own);
    expect(chooseBundle({ rollbackId: 'r', versions: undefined }, begun)).toEqual(own);
    expect(chooseBundle({ rollbackId: 'r', versions: begun }, begun)).toEqual(own);
    const upgraded = { ...begun, product: '0.2.0', bundle: 'b' };
    expect(chooseBundle({ rollbackId: 'r', versions: begun }, upgraded)).toEqual({
      kind: 'kept',
      hash: 'a',
      rollbackId: 'r',
    });
  });

  it.each(['sdk', 'server'] as const)('none with another %s: both versions and what to use are named', (what) => {
    const here = { ...begun, product: '0.2.0', [what]: '9.9.9' };
    const choose = () => chooseBundle({ rollbackId: 'shop-1', versions: begun }, here);
    expect(choose).toThrow(OtherVersion);
    expect(choose).toThrow(
      new RegExp(`shop-1 .*${begun[what].replaceAll('.', '\\.')} .*9\\.9\\.9.*durable-rollback 0\\.1\\.0`),
    );
    expect(choose).toThrow(/earlier installation, rollback up/);
  });
});

describe('an upgrade while a rollback is under way', () => {
  let made: TestRecovery;
  let connection: Connection;
  let client: Client;
  const environment = `upgrade-${randomUUID().slice(0, 8)}`;
  const id = (n: number) => `${environment}-${n}`;

  beforeAll(quietRuntime);
  beforeEach(async () => {
    made = await testRecovery({ target: { environment } });
    made.write('README.md', 'read me\n');
    await made.tag();
    connection = await Connection.connect({ address: inject('temporalAddress') });
    client = new Client({ connection });
  });
  afterEach(async () => {
    const key = lockKeyOf(await identityOf(made.test.world), made.test.target);
    for (const n of [1, 2]) releaseLock(key, id(n));
    await client.workflow.getHandle(rollbackWorkflowId(environment)).terminate('the test is over').catch(ignoreEnded);
    await connection.close();
    made.close();
  });

  /** Taking and giving back the environment is the real acts' work; between them everything is scripted. */
  function worker(acts: ScriptedActs, bundle: string) {
    const stop = new AbortController();
    const { stateRoot } = made.test.world;
    const options = { stateRoot, environment, address: inject('temporalAddress'), namespace: 'default', bundle };
    const activities = (versions: Versions) => {
      const { openRollback, closeRollback } = allActivities({ ...made.test.world, versions });
      return { ...acts.activities, openRollback, closeRollback };
    };
    const ended = workUntil(stop.signal, { ...options, activities });
    ended.catch(() => undefined);
    return {
      ended,
      async stop() {
        stop.abort();
        await ended;
      },
    };
  }

  async function start(n: number, yes: boolean) {
    const { target } = made.test;
    const request = requestOf({ environment, rollbackId: id(n), target, targetHash: snapshotOf(target).hash, yes });
    return client.workflow.start(workflowTypes.rollback, {
      workflowId: rollbackWorkflowId(environment),
      taskQueue: taskQueueOf(environment, hostname()),
      args: [request],
    });
  }

  const boardOf = async () =>
    (await client.workflow.getHandle(rollbackWorkflowId(environment)).describe()).memo?.[boardKey] as Board | undefined;

  it('goes on with the code that it began with; the next one gets the new code', async () => {
    const acts = scriptedActs();
    acts.script('planRecovery', destructive);
    const old = bundleFile('old.js', await workflowBundle());
    const timer = additions.filter(({ file }) => file === 'workflows/rollback.ts');
    const changed = await changedBundle(...timer, swap('documentationSteps', 'writeChecklist', 'writeReport'));
    const upgraded = bundleFile('new.js', changed);

    const before = worker(acts, old);
    const first = await start(1, false);
    const board = await pollUntil('the question about the plan', boardOf, (seen) => (seen?.question ?? null) !== null);
    await before.stop();
    // As an upgrade does: the file that the old worker ran has gone.
    rmSync(old);
    await expect(
      Worker.runReplayHistory({ workflowBundle: { codePath: upgraded } }, await first.fetchHistory()),
    ).rejects.toBeInstanceOf(DeterminismViolationError);

    const noted = join(environmentLayout(made.test.world.stateRoot, environment).rollback(id(1)).dir, versionsName);
    const versions = readVersions(noted);
    if (versions === undefined) throw new Error('The rollback has no note of its versions.');
    writeVersions(noted, { ...versions, sdk: '0.9.0' });
    await expect(worker(acts, upgraded).ended).rejects.toThrow(/Temporal SDK 0\.9\.0 \(here: \d/);
    writeVersions(noted, versions);

    const after = worker(acts, upgraded);
    await first.signal(signalNames.answer, {
      requestId: randomUUID(),
      by: { account: 'tester', uid: 0, host: 'here' },
      why: 'test',
      questionId: board?.question?.id ?? '',
      option: 'carry-out',
    });
    expect(await first.result()).toMatchObject({ rollbackId: id(1), verdict: 'restored' });
    expect(documents(acts)).toEqual(['writeChecklist', 'writeReport']);

    await pollUntil('the worker to take the new code', workingWith, (hash) => hash !== versions.bundle);
    const second = await start(2, true);
    expect(await second.result()).toMatchObject({ rollbackId: id(2), verdict: 'restored' });
    expect(documents(acts)).toEqual(['writeChecklist', 'writeReport', 'writeReport', 'writeChecklist']);
    await after.stop();
  }, 300_000);

  it('is refused when the kept code has gone or is damaged, by name', async () => {
    const acts = scriptedActs();
    acts.script('planRecovery', destructive);
    const before = worker(acts, bundleFile('old.js', await workflowBundle()));
    await start(1, false);
    await pollUntil('the question about the plan', boardOf, (seen) => (seen?.question ?? null) !== null);
    await before.stop();
    const folder = bundlesDir(made.test.world.stateRoot, environment);
    const [kept = ''] = readdirSync(folder).filter((name) => name.endsWith('.js'));
    writeFileSync(join(folder, kept), '// half');
    const upgraded = bundleFile('new.js', { code: `${(await workflowBundle()).code}\n// another version` });
    await expect(worker(acts, upgraded).ended).rejects.toThrow(
      new RegExp(`${id(1)} began with the workflow code ${kept.replace('.js', '')}, which is not \\(whole\\) in`),
    );
  }, 300_000);

  function bundleFile(name: string, { code }: { readonly code: string }): string {
    const path = join(made.test.dir, name);
    writeFileSync(path, code);
    return path;
  }

  /** As `worker.json` tells it. */
  function workingWith(): string {
    const info = join(made.test.world.stateRoot, environment, 'worker.json');
    return (JSON.parse(readFileSync(info, 'utf8')) as { readonly bundleHash: string }).bundleHash;
  }
});

const destructive = {
  ...emptyRecovery,
  hash: 'destructive-plan',
  steps: [{ step: 'restoreData', root: 'data', destroys: true, title: 'put data back', reason: 'corrupt' }],
} as const;

function documents(acts: ScriptedActs): readonly string[] {
  return acts.keys().flatMap((key) => /^documentation\.(write\w+)$/.exec(key)?.[1] ?? []);
}

function ignoreEnded(error: unknown): void {
  if (!(error instanceof Error)) throw error;
}
