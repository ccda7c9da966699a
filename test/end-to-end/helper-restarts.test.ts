import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { resolveEndpoint } from '../../activities/adapters/endpoint.ts';
import { chat } from '../../lab/ask.ts';
import { queries, rightAnswer } from '../../lab/content.ts';
import type { Lab } from '../../lab/lab.ts';
import { labLabel } from '../../lab/names.ts';
import { withPractice } from './support/practice.ts';

/** As autoheal does, in a container with the engine's socket: whatever of its list ends is started again. */
const startsAgain = `
  const { request } = require('node:http');
  const ask = (method, path, hear) =>
    request({ socketPath: '/var/run/docker.sock', method, path }, hear).on('error', () => setTimeout(listen, 200)).end();
  const listen = () => ask('GET', '/events?filters=' + encodeURIComponent('{"event":["die"]}'), (answer) => {
    answer.on('data', (line) => {
      const id = /"ID":"([0-9a-f]{64})"/.exec(String(line))?.[1];
      if (process.env.WATCHED.includes(id)) setTimeout(() => ask('POST', '/containers/' + id + '/start', (a) => a.resume()), 300);
    });
    answer.on('end', listen);
  });
  listen();
  process.on('SIGTERM', () => process.exit(0));`;

it('stops again what a helper keeps starting, names both, and is not proven', async () => {
  await withPractice({}, async (practice) => {
    const { lab, events } = practice;
    const { cache } = await lab.containers();
    if (cache === undefined) throw new Error('The experiment has no cache.');
    const helper = await startHelper(lab, cache.id);

    const ended = await practice.rollback(
      ...['start', '--scenario', 'service-disruption', '--reason', 'it comes back', '--yes'],
    );
    const judgement = practice.judgement();
    expect(judgement.verdict, ended.text).toBe('not-proven');
    const out = judgement.items.find(({ id }) => id === 'experiment-out');
    expect(out?.status).toBe('unknown');
    expect(out?.measured).toContain(cache.name);
    expect(out?.measured).toContain(`heals-${lab.id}`);
    const starts = events.seen.filter(({ id, action }) => id === cache.id && action === 'start');
    const endings = events.seen.filter(({ id, action }) => id === cache.id && action === 'die');
    expect(starts.length).toBeGreaterThan(1);
    expect(endings.length).toBeGreaterThan(1);
    // Somebody else's container: named, not touched.
    expect((await helper.inspect()).State.Running).toBe(true);
    expect((await chat(lab.ports.stable, queries.basic)).body).toEqual(rightAnswer(queries.basic));
  });
}, 900_000);

async function startHelper(lab: Lab, watched: string): Promise<Docker.Container> {
  const { socketPath } = resolveEndpoint(process.env);
  const helper = await lab.docker.createContainer({
    name: `heals-${lab.id}`,
    Image: lab.entry().images?.base ?? '',
    Cmd: ['node', '-e', startsAgain],
    Env: [`WATCHED=${watched}`],
    Labels: { [labLabel]: lab.id },
    HostConfig: { Binds: [`${socketPath}:/var/run/docker.sock`] },
  });
  await helper.start();
  return helper;
}
