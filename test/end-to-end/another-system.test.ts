import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RecoveryPlan } from '../../contract/records.ts';
import type { ChecklistItemId } from '../../runbook/checklist.ts';
import { asideDirFor } from '../../vault/restore-tree.ts';
import { contentOf, lostOf } from './support/content.ts';
import { endingsOf } from './support/engine-events.ts';
import { expectRestored, notApplicableOf } from './support/expect-restored.ts';
import { type OtherSystem, withOtherSystem } from './support/other-system.ts';
import { account } from './support/other-system-files.ts';

/** This system has neither agents nor skills, and one kind of question. */
const notApplicable: readonly ChecklistItemId[] = [
  'agent-coordination',
  'skills-discoverable',
  'complex-queries',
  'agents-operational',
];

const right = { name: 'alice', balance: 142, letters: 2 };

it('puts corrupt data of another system back as its owner, and loses not one byte', async () => {
  await withOtherSystem({ compose: 'v5' }, async (system) => {
    const { docker, events, repository, records, letters } = system;
    const volume = (await docker.getVolume(system.volume).inspect()).Mountpoint;
    system.write(join(records, 'carol.json'), account('carol', 5));
    system.write(join(records, 'alice.json'), '{ "name": "ali');
    system.write(join(letters, 'carol 1.txt'), 'A letter since the checkpoint\n');
    const ids = await idsOf(system);
    const before = contentOf([repository, letters, volume]);
    const refs = (await system.git('for-each-ref', '--format=%(refname) %(objectname)')).split('\n');
    const already = events.seen.length;

    const ended = await system.rollback(
      'start',
      ...['--scenario', 'data-corruption', '--reason', 'balances are wrong', '--yes'],
    );
    const judgement = expectRestored(system, ended, notApplicable);

    const files = system.files();
    const plan = JSON.parse(readFileSync(join(files.planDir, 'recovery.json'), 'utf8')) as RecoveryPlan;
    expect(plan.stopForData).toEqual([ids.web]);
    expect(plan.roots.map(({ root, action }) => [root, action])).toEqual([
      ['records', 'put-back'],
      ['letters', 'leave'],
      ['ledger', 'leave'],
    ]);
    const touched = endingsOf(events.seen.slice(already), [ids.web, ids.db]).map(({ id }) => id);
    expect(new Set(touched)).toEqual(new Set([ids.web]));
    await expectOut(system, [ids.search, ids.desk]);
    expect(await idsOf(system)).toEqual(ids);
    expect(await system.balance('alice')).toEqual(right);
    expect(judgement.data.map(({ root, differing }) => [root, differing])).toEqual([
      ['records', 0],
      ['letters', 0],
      ['ledger', 0],
    ]);

    const kept = [files.dir, ...[records, letters, volume].map((root) => asideDirFor(root, files.rollbackId))];
    expect(lostOf(before, kept.filter(isThere))).toEqual([]);
    expect(await system.git('rev-parse', 'HEAD')).toBe(system.checkpointCommit);
    expect(await system.git('rev-parse', '--abbrev-ref', 'HEAD')).toBe(`rollback/${files.rollbackId}`);
    expect((await system.git('for-each-ref', '--format=%(refname) %(objectname)')).split('\n')).toEqual(
      expect.arrayContaining(refs),
    );
    expect(notOwned(system, repository)).toEqual([]);
    const counted = readFileSync(join(files.evidenceDir, 'scripts', 'performanceTest.txt'), 'utf8');
    expect(counted).toContain(`counted by account ${system.owner.uid}`);
  });
}, 300_000);

it('brings another system back of which only a git tag is known, and says what that leaves open', async () => {
  await withOtherSystem({ compose: 'v1', checkpoint: false }, async (system) => {
    const { docker } = system;
    const { web, ...others } = await idsOf(system);
    const mounts = await mountsOf(system, web);
    await docker.getContainer(web).remove({ force: true });

    const ended = await system.rollback(
      'start',
      ...['--scenario', 'service-disruption', '--reason', 'the web is gone', '--yes'],
    );

    expect(ended.code, ended.text).toBe(3);
    const judgement = system.judgement();
    expect(judgement.verdict, judgement.reasons.join('\n')).toBe('restored-with-exceptions');
    expect(judgement.items.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(notApplicableOf(judgement)).toEqual(notApplicable);
    expect(await system.balance('alice')).toEqual(right);
    const now = await idsOf(system);
    expect({ ...now, web: undefined }).toEqual({ ...others, web: undefined });
    expect(await mountsOf(system, now.web)).toEqual(mounts);
    await expectOut(system, [others.search, others.desk]);
    expect(await system.git('rev-parse', 'HEAD')).toBe(system.checkpointCommit);
    expect(notOwned(system, system.repository)).toEqual([]);
  });
}, 300_000);

it('takes out a trial that is one container started by hand, and touches nothing else', async () => {
  await withOtherSystem({ compose: 'v5', byHandOnly: true }, async (system) => {
    const { events } = system;
    const { web, db, desk } = await idsOf(system);
    const already = events.seen.length;
    const planned = await system.rollback('plan', '--scenario', 'service-disruption');
    expect(planned.code, planned.text).toBe(0);
    expect(planned.text).toContain(system.desk);

    const ended = await system.rollback('emergency', '--reason', 'the trial eats the machine');

    expectRestored(system, ended, notApplicable);
    expect(endingsOf(events.seen.slice(already), [web, db])).toEqual([]);
    await expectOut(system, [desk]);
    expect(await system.balance('alice')).toEqual(right);
    expect(notOwned(system, system.repository)).toEqual([]);
  });
}, 300_000);

/** Ids by service or role; empty for what has no container. */
async function idsOf(system: OtherSystem) {
  const named = await system.docker.listContainers({ all: true, filters: { name: [`^/${system.desk}$`] } });
  const [web = '', db = '', search = ''] = await Promise.all(
    ['web', 'db', 'search'].map(async (service) => (await system.idOf(service)) ?? ''),
  );
  return { web, db, search, desk: named[0]?.Id ?? '' };
}

/** Stopped, kept under its name, and not to be started by the engine. */
async function expectOut({ docker }: OtherSystem, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const { Name, State, HostConfig } = await docker.getContainer(id).inspect();
    expect([State.Running, HostConfig.RestartPolicy?.Name], Name).toEqual([false, 'no']);
  }
}

async function mountsOf({ docker }: OtherSystem, id: string): Promise<readonly string[]> {
  const { Mounts } = await docker.getContainer(id).inspect();
  return Mounts.map(({ Source, Destination }) => `${Source} ${Destination}`).sort();
}

/** Files and folders below it that its owner could not change. */
function notOwned({ owner }: OtherSystem, folder: string): readonly string[] {
  return ['', ...(readdirSync(folder, { recursive: true }) as string[])]
    .map((name) => join(folder, name))
    .filter((path) => {
      const { uid, gid } = lstatSync(path);
      return uid !== owner.uid || gid !== owner.gid;
    });
}

function isThere(folder: string): boolean {
  return lstatSync(folder, { throwIfNoEntry: false }) !== undefined;
}
