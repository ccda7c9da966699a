import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RecoveryPlan } from '../../contract/records.ts';
import { chat } from '../../lab/ask.ts';
import { queries, rightAnswer } from '../../lab/content.ts';
import type { Lab } from '../../lab/lab.ts';
import { asideDirFor } from '../../vault/restore-tree.ts';
import { contentOf, lostOf } from './support/content.ts';
import { endingsOf } from './support/engine-events.ts';
import { expectRestored } from './support/expect-restored.ts';
import { historiesOf } from './support/histories.ts';
import { type Practice, withPractice } from './support/practice.ts';

/**
 * The hardest ordinary case: both stacks in one project, the experiment's compose file absent from the checkpoint, a
 * profile service and a container of no compose file running, a dirty tree with untracked and ignored files, a data
 * root outside the repository, a day of legitimate work since the checkpoint, and corrupt data.
 */
describe.each(['v1', 'v5'] as const)('on compose %s', (composeCommand) => {
  it('puts corrupt data back, stops nothing that is not planned, and loses not one byte', async () => {
    await withPractice({ composeCommand }, async (practice) => {
      const { lab, events } = practice;
      await lab.breakIt('changed-data');
      await lab.breakIt('corrupt-path');
      const stranger = await startStranger(lab);
      const volume = (await lab.docker.getVolume(lab.names.volume).inspect()).Mountpoint;
      const before = contentOf([lab.repository, lab.paths.home, volume]);
      const refs = git(lab, 'for-each-ref', '--format=%(refname) %(objectname)');
      const containers = await lab.containers();
      const already = events.seen.length;

      const ended = await practice.rollback(
        'start',
        ...['--scenario', 'data-corruption', '--reason', 'answers are wrong', '--yes'],
      );
      const judgement = expectRestored(practice, ended);

      const files = practice.files();
      const plan = JSON.parse(readFileSync(join(files.planDir, 'recovery.json'), 'utf8')) as RecoveryPlan;
      const happened = events.seen.slice(already);
      const { stable, store, experiment, cache, indexer, byHand } = containers;
      const outside = [stable?.id, store?.id, stranger].filter((id) => id !== undefined);
      const touched = endingsOf(happened, outside).map(({ id }) => id);
      expect(new Set(touched)).toEqual(new Set(plan.stopForData));
      expect(plan.stopForData).toEqual([stable?.id]);

      for (const one of [experiment, cache, indexer, byHand]) {
        if (one === undefined) throw new Error('A container of the experiment was not there to begin with.');
        const now = await lab.docker.getContainer(one.id).inspect();
        // Docker leaves the policy empty where nobody ever set one.
        expect([now.Name, now.State.Running, now.HostConfig.RestartPolicy?.Name || 'no']).toEqual([
          `/${one.name}`,
          false,
          'no',
        ]);
        const logs = readdirSync(join(files.evidenceDir, 'logs')).filter((name) => name.includes(one.id.slice(0, 12)));
        expect(logs, one.name).not.toEqual([]);
      }
      const after = await lab.containers();
      expect(after.stable?.id).toBe(stable?.id);

      const roots = [lab.paths.agent, lab.paths.gemini, volume];
      const aside = [...roots.map((root) => asideOf(root, files)), join(lab.repository, '.git', 'durable-rollback')];
      const kept = [files.dir, ...aside];
      expect(
        lostOf(
          before,
          kept.filter((folder) => existsSync(folder)),
        ),
      ).toEqual([]);
      expect(git(lab, 'rev-parse', 'HEAD')).toBe(lab.entry().checkpointCommit);
      expect(git(lab, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe(`rollback/${files.rollbackId}`);
      expect(git(lab, 'for-each-ref', '--format=%(refname) %(objectname)').split('\n')).toEqual(
        expect.arrayContaining(refs.split('\n')),
      );

      expect((await chat(lab.ports.stable, queries.complex)).body).toEqual(rightAnswer(queries.complex));
      expect(judgement.data.map(({ root }) => root).sort()).toEqual(['agent', 'gemini', 'store']);
      await expectSmallHistories(practice);
    });
  }, 400_000);
});

/** Bounds of what one rollback costs the server, for each workflow of it. */
async function expectSmallHistories(practice: Practice): Promise<void> {
  const histories = await historiesOf(practice);
  expect(histories.length).toBeGreaterThanOrEqual(5);
  for (const { workflowId, events, bytes } of histories) {
    expect(events, workflowId).toBeLessThanOrEqual(400);
    expect(bytes, workflowId).toBeLessThanOrEqual(250_000);
    expect(bytes, workflowId).toBeGreaterThan(0);
  }
}

/** A container of somebody else on the same engine and network. */
async function startStranger(lab: Lab): Promise<string> {
  const container = await lab.docker.createContainer({
    name: `stranger-${lab.id}`,
    Image: lab.names.experimentImage,
    Cmd: ['node', '-e', 'setInterval(() => {}, 1e6)'],
    Labels: { 'durable-rollback.lab': lab.id },
    HostConfig: { NetworkMode: lab.names.network },
  });
  await container.start();
  return container.id;
}

function git(lab: Lab, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', lab.repository, ...args], { encoding: 'utf8' }).trim();
}

function asideOf(root: string, { rollbackId }: { readonly rollbackId: string }): string {
  return asideDirFor(root, rollbackId);
}
