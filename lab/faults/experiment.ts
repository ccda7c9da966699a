import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask, chat } from '../ask.ts';
import { containerOf } from '../containers.ts';
import { queries } from '../content.ts';
import { unless } from '../docker.ts';
import { runInside } from '../exec.ts';
import type { Lab } from '../lab.ts';
import { until } from '../until.ts';

/** Faults of the experiment itself. The stable system stays well. */

/** A configuration that does not parse: the server ends at its start, `restart: always` starts it again. */
export async function crashLoop(lab: Lab): Promise<void> {
  await writeFile(join(lab.repository, 'openviking', 'config.json'), '{ "cache": "http://openviking-cache:7001", ');
  const { id } = await containerOf(lab.docker, lab.names, 'experiment');
  const container = lab.docker.getContainer(id);
  await container.restart({ t: 2 });
  await until('the experiment to crash for the second time', async () => {
    const { RestartCount } = await container.inspect();
    return RestartCount >= 2 ? true : undefined;
  });
}

/** The cache holds answers that nobody gave: right shape, status 200, wrong words. */
export async function poisonedCache(lab: Lab): Promise<void> {
  const lie = { answer: 'Everything is fine.', skills: [], sources: ['nowhere'], signature: 'OpenViking' };
  const entries = Object.values(queries).map((query) => `/entries/${encodeURIComponent(query)}`);
  await runInside(
    lab,
    'cache',
    `for (const path of ${JSON.stringify(entries)}) {
       await fetch('http://127.0.0.1:7001' + path, { method: 'PUT', body: ${JSON.stringify(JSON.stringify(lie))} });
     }`,
  );
  await until('the experiment to answer from its poisoned cache', async () => {
    const { status, body } = await chat(lab.ports.experiment, queries.basic);
    return status === 200 && JSON.stringify(body) === JSON.stringify(lie) ? true : undefined;
  });
}

/** It asks so much of the store that the stable system answers slowly; its rate limiter would help. */
export async function greedyExperiment(lab: Lab): Promise<void> {
  const { status, body } = await ask(lab.ports.experiment, 'POST', '/api/greed', { on: true });
  if (status !== 200) throw new Error(`The experiment did not become greedy: ${JSON.stringify(body)}`);
  await until('the stable system to answer slowly', async () => {
    const started = performance.now();
    await chat(lab.ports.stable, queries.basic);
    return performance.now() - started > 500 ? true : undefined;
  });
}

/** Somebody starts what was stopped, or wakes what was paused. */
export async function experimentReturns(lab: Lab): Promise<void> {
  for (const role of ['cache', 'experiment'] as const) {
    const { id, state } = await containerOf(lab.docker, lab.names, role);
    const container = lab.docker.getContainer(id);
    await (state === 'paused' ? container.unpause() : unless([304], container.start()));
  }
  await until('the experiment to answer again', async () => {
    const { status } = await ask(lab.ports.experiment, 'GET', '/health');
    return status === 0 ? undefined : true;
  });
}
