import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, chat } from '../../lab/ask.ts';
import { containerOf } from '../../lab/containers.ts';
import { laterDocument, queries, rightAnswer, skills } from '../../lab/content.ts';
import { type Fault, faults } from '../../lab/faults.ts';
import { createLab, type Lab } from '../../lab/lab.ts';
import type { Role } from '../../lab/names.ts';

/** Effects add up: each test looks for its own only, in the order in which they can be told apart. */
const tried = new Set<Fault>();

describe('faults of the data', () => {
  const lab = labFor('v1');

  it('changed-data is no fault: what people did since is there, and every answer stays right', async () => {
    await breaks(lab(), 'changed-data');
    expect((await chat(lab().ports.stable, queries.basic)).body).toEqual(rightAnswer(queries.basic));
    expect((await chat(lab().ports.stable, 'holiday')).body).toMatchObject({ answer: laterDocument.text });
    expect(await health(lab())).toMatchObject({ status: 200 });
  });

  it('missing-skills: healthy, and the list is shorter', async () => {
    await breaks(lab(), 'missing-skills');
    expect(await health(lab())).toMatchObject({ status: 200 });
    const { body } = await ask(lab().ports.stable, 'POST', '/api/skills/list');
    expect((body as { skills: unknown[] }).skills).toHaveLength(skills.length - 2);
    expect((await chat(lab().ports.stable, queries.complex)).body).not.toEqual(rightAnswer(queries.complex));
  });

  it('wrong-answers: healthy, status 200, a wrong sentence and a body of another shape', async () => {
    await breaks(lab(), 'wrong-answers');
    expect(await health(lab())).toMatchObject({ status: 200 });
    const basic = await chat(lab().ports.stable, queries.basic);
    expect(basic.status).toBe(200);
    expect(basic.body).not.toMatchObject({ answer: rightAnswer(queries.basic).answer });
    expect(await chat(lab().ports.stable, 'deploy')).toMatchObject({
      status: 200,
      body: { answer: { chunks: expect.any(Array) } },
    });
  });

  it.each([
    ['half-migration', 'skills'],
    ['corrupt-path', 'memories'],
    ['corrupt-home', 'persona'],
    ['corrupt-volume', 'documents'],
  ] as const)('%s: the stable system complains of its %s, and answers no question', async (fault, part) => {
    expect(JSON.stringify((await health(lab())).body)).not.toContain(`"${part}: `);
    await breaks(lab(), fault);
    const { status, body } = await health(lab());
    expect(status).toBe(503);
    expect(JSON.stringify(body)).toContain(`"${part}: `);
    expect((await chat(lab().ports.stable, queries.complex)).status).toBe(500);
  });

  it('half-migration leaves a torn skill and the original beside it', () => {
    const skill = (name: string, file: string) => join(lab().paths.agent, 'skills', name, file);
    const torn = ['code-review', 'deploy-guide', 'incident-notes', 'memory-recall'].filter(
      (name) => existsSync(skill(name, 'skill.json.backup')) && !isJson(skill(name, 'skill.json')),
    );
    expect(torn).toHaveLength(1);
    expect(isJson(skill(torn[0] ?? '', 'skill.json.backup'))).toBe(true);
  });
});

describe('faults of the containers', () => {
  const lab = labFor('v5');

  it('poisoned-cache: the experiment lies with status 200, the stable system does not', async () => {
    await breaks(lab(), 'poisoned-cache');
    const lie = await chat(lab().ports.experiment, queries.basic);
    expect(lie.status).toBe(200);
    expect(lie.body).not.toEqual(rightAnswer(queries.basic));
    expect((await chat(lab().ports.stable, queries.basic)).body).toEqual(rightAnswer(queries.basic));
  });

  it('greedy-experiment: everybody waits for the store until its rate is limited', async () => {
    await breaks(lab(), 'greedy-experiment');
    const limited = await ask(lab().ports.experiment, 'POST', '/api/limit', { on: true });
    expect(limited).toMatchObject({ status: 200, body: { greedy: true, limited: true } });
    expect(await chat(lab().ports.stable, queries.complex)).toMatchObject({ status: 200 });
  });

  it('experiment-returns: what was stopped and paused runs again', async () => {
    await lab()
      .docker.getContainer(await idOf(lab(), 'experiment'))
      .pause();
    await lab()
      .docker.getContainer(await idOf(lab(), 'cache'))
      .stop({ t: 1 });
    await breaks(lab(), 'experiment-returns');
    const { experiment, cache } = await lab().containers();
    expect([experiment?.state, cache?.state]).toEqual(['running', 'running']);
  });

  it('crash-loop: the experiment ends and is started again, and again', async () => {
    await breaks(lab(), 'crash-loop');
    const facts = await lab()
      .docker.getContainer(await idOf(lab(), 'experiment'))
      .inspect();
    expect(facts.RestartCount).toBeGreaterThanOrEqual(2);
    expect((await chat(lab().ports.stable, queries.basic)).body).toEqual(rightAnswer(queries.basic));
  });

  it('stable-paused: nobody answers, and start alone would not wake it', async () => {
    await breaks(lab(), 'stable-paused');
    expect((await lab().containers()).stable?.state).toBe('paused');
    expect((await health(lab())).status).toBe(0);
    await lab()
      .docker.getContainer(await idOf(lab(), 'stable'))
      .unpause();
  });

  it('stable-stopped: the container is there and does not run', async () => {
    await breaks(lab(), 'stable-stopped');
    expect((await lab().containers()).stable?.state).toBe('exited');
    expect((await health(lab())).status).toBe(0);
  });

  it('stable-missing: there is no container any more', async () => {
    await breaks(lab(), 'stable-missing');
    expect((await lab().containers()).stable).toBeUndefined();
    await lab().composeRun('stable', ['up', '-d', '--no-build']);
  });

  it('bad-image: the tag has moved, health is good, and every answer is of another shape', async () => {
    const good = lab().entry().images?.stable;
    await breaks(lab(), 'bad-image');
    const { stable } = await lab().containers();
    expect(stable?.imageId).not.toBe(good);
    expect((await lab().docker.getImage(lab().names.stableImage).inspect()).Id).toBe(stable?.imageId);
    expect((await health(lab())).status).toBe(200);
    const answer = await chat(lab().ports.stable, queries.basic);
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('answer', rightAnswer(queries.basic).answer);
  });
});

it('every fault of the table was tried', () => {
  expect([...tried].sort()).toEqual(Object.keys(faults).sort());
});

function labFor(composeCommand: 'v1' | 'v5'): () => Lab {
  let made: Lab | undefined;
  beforeAll(async () => {
    made = await createLab({ composeCommand });
  });
  afterAll(async () => {
    await made?.destroy();
  });
  return () => {
    if (made === undefined) throw new Error('The lab was not made.');
    return made;
  };
}

async function breaks(lab: Lab, fault: Fault): Promise<void> {
  tried.add(fault);
  await lab.breakIt(fault);
}

function health(lab: Lab): ReturnType<typeof ask> {
  return ask(lab.ports.stable, 'GET', '/health');
}

async function idOf(lab: Lab, role: Role): Promise<string> {
  return (await containerOf(lab.docker, lab.names, role)).id;
}

function isJson(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
