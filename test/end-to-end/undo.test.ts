import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { chat } from '../../lab/ask.ts';
import { queries, rightAnswer } from '../../lab/content.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import { contentOf } from './support/content.ts';
import { expectRestored } from './support/expect-restored.ts';
import { loseServer } from './support/lose-server.ts';
import { type Practice, withPractice } from './support/practice.ts';

const start = ['start', '--scenario', 'data-corruption', '--reason', 'answers are wrong', '--yes'] as const;
const answer = z.object({ outcome: z.string(), plan: z.object({ hash: z.string() }).nullable() });

it('brings back what was before a finished rollback, once somebody agrees, and a second time does nothing', async () => {
  await withPractice({}, async (practice) => {
    const { lab } = practice;
    await lab.breakIt('changed-data');
    await lab.breakIt('corrupt-path');
    const before = await worldOf(practice);
    expectRestored(practice, await practice.rollback(...start));
    const { rollbackId } = practice.files();
    expect((await chat(lab.ports.stable, queries.complex)).body).toEqual(rightAnswer(queries.complex));
    const rolledBack = await worldOf(practice);
    expect(rolledBack).not.toEqual(before);

    const asked = await practice.rollback('undo', rollbackId, '--json');
    expect(asked.code, asked.text).toBe(8);
    expect(await worldOf(practice)).toEqual(rolledBack);
    const other = await practice.rollback('undo', rollbackId, '--plan', 'another');
    expect(other.code, other.text).toBe(8);
    expect(await worldOf(practice)).toEqual(rolledBack);

    const { plan } = answer.parse(asked.json);
    const undone = await practice.rollback('undo', rollbackId, '--plan', plan?.hash ?? '');
    expect(undone.code, undone.text).toBe(0);
    expect(await worldOf(practice)).toEqual(before);

    const again = await practice.rollback('undo', rollbackId, '--yes', '--json');
    expect(again.code, again.text).toBe(0);
    expect(answer.parse(again.json).outcome).toBe('already-undone');
    const resumed = await practice.rollback('resume', '--rollback', rollbackId);
    expect(resumed.code, resumed.text).toBe(5);
    expect(await worldOf(practice)).toEqual(before);
  });
}, 400_000);

it('brings back what was before a rollback that was killed in mid-restore and lost its server', async () => {
  await withPractice({}, async (practice) => {
    const { lab } = practice;
    await lab.breakIt('corrupt-path');
    const before = await worldOf(practice);
    const terminal = practice.beside(...start);
    await practice.journalHas(
      'the restore of a data root',
      (record) => record.kind === 'intent' && record.effect.kind === 'restore-data',
    );
    loseServer(practice);
    terminal.kill('SIGKILL');

    const undone = await practice.rollback('undo', '--yes');
    expect(undone.code, undone.text).toBe(0);
    expect(await worldOf(practice)).toEqual(before);
    const resumed = await practice.rollback('resume');
    expect(resumed.code, resumed.text).toBe(5);
  });
}, 400_000);

/** What an undo has to bring back, as files, git and the engine show it. */
async function worldOf({ lab }: Practice) {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', lab.repository, ...args], { encoding: 'utf8' }).trim();
  const volume = (await lab.docker.getVolume(lab.names.volume).inspect()).Mountpoint;
  const roots: Record<string, string> = {};
  for (const [name, path] of Object.entries({ agent: lab.paths.agent, gemini: lab.paths.gemini, volume })) {
    const manifest = join(lab.folder, `now-${name}.jsonl`);
    roots[name] = (await writeManifest(path, manifest)).rootHash;
  }
  const containers = await Promise.all(
    Object.entries(await lab.containers()).map(async ([role, { id }]) => {
      const { Image, State, HostConfig, NetworkSettings } = await lab.docker.getContainer(id).inspect();
      const networks = Object.keys(NetworkSettings.Networks).sort();
      return [role, { id, Image, state: State.Status, policy: HostConfig.RestartPolicy?.Name || 'no', networks }];
    }),
  );
  return {
    files: Object.fromEntries(contentOf([lab.repository, lab.paths.home, volume])),
    roots,
    index: readFileSync(join(lab.repository, '.git', 'index')).toString('hex'),
    head: git('rev-parse', 'HEAD'),
    branch: git('rev-parse', '--abbrev-ref', 'HEAD'),
    reflog: git('reflog', '--format=%H %gs', 'HEAD'),
    containers: Object.fromEntries(containers),
  };
}
