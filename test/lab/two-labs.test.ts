import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, chat } from '../../lab/ask.ts';
import { queries, rightAnswer, skills } from '../../lab/content.ts';
import { git } from '../../lab/git.ts';
import { createLab, type Lab } from '../../lab/lab.ts';
import { checkpointTag, experimentFile } from '../../lab/names.ts';
import { readEntry } from '../../lab/registry.ts';
import { loadTarget } from '../../target/load.ts';
import { tracesOf } from './support/traces.ts';

let [first, second]: Lab[] = [];

beforeAll(async () => {
  first = await createLab({ composeCommand: 'v1' });
  second = await createLab({ composeCommand: 'v5' });
});

afterAll(async () => {
  await first?.destroy();
  await second?.destroy();
});

describe('two labs side by side, one of compose v1 and one of v5', () => {
  it('have all six containers running, and both systems answer rightly', async () => {
    for (const lab of both()) {
      const states = Object.entries(await lab.containers()).map(([role, { state }]) => `${role} ${state}`);
      expect(states.sort()).toEqual(
        ['byHand', 'cache', 'experiment', 'indexer', 'stable', 'store'].map((role) => `${role} running`),
      );
      for (const query of Object.values(queries)) {
        expect((await chat(lab.ports.stable, query)).body).toEqual(rightAnswer(query));
        expect((await chat(lab.ports.experiment, query)).status).toBe(200);
      }
      const listed = await ask(lab.ports.stable, 'POST', '/api/skills/list');
      expect(listed.status).toBe(200);
      expect((listed.body as { skills: { name: string }[] }).skills.map(({ name }) => name).sort()).toEqual(
        skills.map(({ name }) => name).sort(),
      );
    }
  });

  it('hold both stacks in one project, the experiment committed after the checkpoint, over a dirty tree', async () => {
    for (const lab of both()) {
      const { stable, experiment, byHand } = await lab.containers();
      const labelsOf = async (id: string) => (await lab.docker.getContainer(id).inspect()).Config.Labels;
      const [stableLabels, experimentLabels] = [await labelsOf(stable?.id ?? ''), await labelsOf(experiment?.id ?? '')];
      expect(stableLabels['com.docker.compose.project']).toBe(lab.project);
      expect(experimentLabels['com.docker.compose.project']).toBe(lab.project);
      expect(await labelsOf(byHand?.id ?? '')).not.toHaveProperty('com.docker.compose.project');
      expect(await git(lab.repository, 'ls-tree', '--name-only', checkpointTag)).not.toContain(experimentFile);
      expect(await git(lab.repository, 'ls-tree', '--name-only', 'HEAD')).toContain(experimentFile);
      const status = await git(lab.repository, 'status', '--porcelain');
      expect(status).toMatch(/M README\.md/);
      expect(status).toMatch(/\?\? "?todo list\.txt/);
    }
  });

  it('write a target that loads, each with names, ports and folders of its own', async () => {
    const targets = both().map((lab) => loadTarget(lab.targetFile));
    for (const loaded of targets) expect(loaded).toHaveProperty('target');
    const [one, two] = both();
    for (const of of [(lab: Lab) => lab.project, (lab: Lab) => lab.ports.stable, (lab: Lab) => lab.folder]) {
      expect(of(one)).not.toBe(of(two));
    }
  });

  it('do not touch each other: wrong data in one are wrong answers there alone, and its end leaves the other be', async () => {
    const [one, two] = both();
    await one.breakIt('wrong-answers');
    expect((await chat(one.ports.stable, queries.basic)).body).not.toEqual(rightAnswer(queries.basic));
    expect((await chat(two.ports.stable, queries.basic)).body).toEqual(rightAnswer(queries.basic));

    expect(await tracesOf(one)).not.toEqual([]);
    await one.destroy();
    expect(await tracesOf(one)).toEqual([]);
    expect(existsSync(one.folder)).toBe(false);
    expect(readEntry(one.id)).toBeUndefined();
    expect((await chat(two.ports.stable, queries.complex)).body).toEqual(rightAnswer(queries.complex));
    expect(readdirSync(two.paths.agent)).toContain('skills');
    expect(readFileSync(two.targetFile, 'utf8')).toContain(two.project);
  });
});

function both(): readonly [Lab, Lab] {
  if (first === undefined || second === undefined) throw new Error('The labs were not made.');
  return [first, second];
}
