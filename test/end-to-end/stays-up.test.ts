import { expect, it } from 'vitest';
import { ask, chat } from '../../lab/ask.ts';
import { queries, rightAnswer } from '../../lab/content.ts';
import { endingsOf } from './support/engine-events.ts';
import { expectRestored } from './support/expect-restored.ts';
import { withPractice } from './support/practice.ts';

it('does not take a healthy stable system down for a moment', async () => {
  await withPractice({}, async (practice) => {
    const { lab, events } = practice;
    await lab.breakIt('crash-loop');
    const { stable, store } = await lab.containers();
    if (stable === undefined || store === undefined) throw new Error('The stable system was not there to begin with.');
    const startedAt = await startTimes(lab, [stable.id, store.id]);
    const already = events.seen.length;
    const probe = askAllTheTime(lab.ports.stable);

    const ended = await practice.rollback(
      'start',
      ...['--scenario', 'service-disruption', '--reason', 'the experiment crashes', '--yes'],
    );
    const { asked, wrong } = await probe.stop();
    expectRestored(practice, ended);

    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(20);
    expect(endingsOf(events.seen.slice(already), [stable.id, store.id])).toEqual([]);
    expect(await startTimes(lab, [stable.id, store.id])).toEqual(startedAt);
  });
}, 300_000);

/** One question after the other, as users would, until it is stopped. */
function askAllTheTime(port: number): {
  stop(): Promise<{ readonly asked: number; readonly wrong: readonly unknown[] }>;
} {
  const right = JSON.stringify(rightAnswer(queries.basic));
  const wrong: unknown[] = [];
  let asked = 0;
  let stopped = false;
  const done = (async () => {
    while (!stopped) {
      const health = await ask(port, 'GET', '/health');
      const answer = await chat(port, queries.basic);
      asked += 1;
      if (health.status !== 200 || answer.status !== 200 || JSON.stringify(answer.body) !== right) {
        wrong.push({ health, answer });
      }
    }
  })();
  return {
    async stop() {
      stopped = true;
      await done;
      return { asked, wrong };
    },
  };
}

async function startTimes(
  lab: { readonly docker: import('dockerode') },
  ids: readonly string[],
): Promise<readonly unknown[]> {
  return Promise.all(
    ids.map(async (id) => {
      const { State, RestartCount } = await lab.docker.getContainer(id).inspect();
      return { id, startedAt: State.StartedAt, RestartCount };
    }),
  );
}
