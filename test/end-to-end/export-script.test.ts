import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import type { CheckpointRecord } from '../../contract/records.ts';
import { chat } from '../../lab/ask.ts';
import { queries, rightAnswer } from '../../lab/content.ts';
import { readShelf } from '../../vault/checkpoint-shelf.ts';
import { environmentLayout } from '../../vault/layout.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import { contentOf, lostOf } from './support/content.ts';
import { withPractice } from './support/practice.ts';

/** The day when everything else is dead: no Node, no server, no worker, only a shell and what was written before. */
it('the plan as a script brings the stable system back with sh alone, and loses nothing', async () => {
  await withPractice({}, async (practice) => {
    const { lab, environment } = practice;
    await lab.breakIt('corrupt-path');
    const volume = (await lab.docker.getVolume(lab.names.volume).inspect()).Mountpoint;
    const file = join(lab.folder, 'rollback.sh');
    const written = await practice.rollback('export', '--sh', '--scenario', 'data-corruption', '--output', file);
    expect(written.code, written.text).toBe(0);
    expect((await practice.rollback('down')).code).toBe(0);

    const before = contentOf([lab.repository, lab.paths.home, volume]);
    const containers = await lab.containers();
    const ids = (await lab.docker.listContainers({ all: true })).map(({ Id }) => Id);
    const { stdout: refs } = await execa('git', [
      '-C',
      lab.repository,
      'for-each-ref',
      '--format=%(refname) %(objectname)',
    ]);
    const dead = {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      DOCKER_HOST: lab.env['DOCKER_HOST'],
    };
    const run = () =>
      execa('sh', [file, '--yes'], {
        env: dead,
        extendEnv: false,
        reject: false,
        all: true,
        stdin: 'ignore',
        timeout: 240_000,
      });

    const ended = await run();
    expect(ended.exitCode, ended.all).toBe(0);

    const layout = environmentLayout(lab.stateDir, environment);
    const [shelved] = readShelf(layout);
    const record = shelved?.record as unknown as CheckpointRecord;
    const agent = record.data.find(({ root }) => root === 'agent');
    const now = await writeManifest(lab.paths.agent, join(lab.folder, 'now.jsonl'));
    expect(now.contentHash).toBe(agent?.contentHash);
    for (const query of Object.values(queries)) {
      expect(await chat(lab.ports.stable, query)).toEqual({ status: 200, body: rightAnswer(query) });
    }
    const head = await execa('git', ['-C', lab.repository, 'rev-parse', 'HEAD']);
    expect(head.stdout).toBe(record.commit);

    const after = await lab.docker.listContainers({ all: true });
    expect(ids.filter((id) => !after.some(({ Id }) => Id === id))).toEqual([]);
    for (const one of [containers.experiment, containers.cache, containers.indexer, containers.byHand]) {
      const { State, HostConfig } = await lab.docker.getContainer(one?.id ?? '').inspect();
      expect([State.Running, HostConfig.RestartPolicy?.Name || 'no'], one?.name).toEqual([false, 'no']);
    }
    expect(lostOf(before, [lab.repository, layout.root])).toEqual([]);
    const later = await execa('git', ['-C', lab.repository, 'for-each-ref', '--format=%(refname) %(objectname)']);
    expect(refs.split('\n').filter((ref) => !later.stdout.split('\n').includes(ref))).toEqual([]);

    const again = await run();
    expect(again.exitCode, again.all).toBe(0);
    expect(again.all).toContain('agent is as in the checkpoint');
    expect(again.all).toContain('the repository is at the checkpoint');
  });
}, 420_000);
