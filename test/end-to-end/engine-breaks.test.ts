import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { chat } from '../../lab/ask.ts';
import { queries, rightAnswer } from '../../lab/content.ts';
import type { Lab } from '../../lab/lab.ts';
import { createPrivateEngine } from '../../lab/private-engine.ts';
import { pollUntil } from '../support/poll.ts';
import { expectRestored } from './support/expect-restored.ts';
import { withPractice } from './support/practice.ts';

/** Longer than a look at the engine may take (15 s): the note below proves that one was given up. */
const frozenMs = 18_000;

it('ends the same when its engine is killed in mid-stop and hangs later; both stay as they are over a restart', async () => {
  const engine = await createPrivateEngine();
  try {
    const { dockerHost, subnet } = engine;
    await withPractice({ dockerHost, subnet }, async (practice) => {
      const { lab } = practice;
      await lab.breakIt('poisoned-cache');
      const begun = await practice.rollback(
        ...['start', '--scenario', 'service-disruption', '--reason', 'wrong answers', '--yes', '--detach'],
      );
      expect(begun.code, begun.text).toBe(0);

      await practice.journalHas('a stop', (record) => record.kind === 'intent' && record.effect.kind === 'stop');
      await engine.kill();
      await engine.start();

      await practice.journalHas('data recovery', ({ step }) => step.startsWith('dataRecovery.'));
      engine.freeze();
      await wait(frozenMs);
      engine.thaw();

      const ended = await practice.rollback('watch');
      expectRestored(practice, ended);
      const notes = practice.journal().flatMap((record) => (record.kind === 'note' ? [record.text] : []));
      expect(notes).toContainEqual(expect.stringMatching(/^Docker (was away|gave no answer)/));
      expect((await chat(lab.ports.stable, queries.complex)).body).toEqual(rightAnswer(queries.complex));

      const before = await endOf(lab);
      await engine.restart();
      await pollUntil(
        'the stable system to be back',
        () => endOf(lab),
        (now) => JSON.stringify(now) === JSON.stringify(before),
      );
      expect(before).toEqual({
        stable: 'running, unless-stopped',
        store: 'running, unless-stopped',
        experiment: 'exited, no',
        cache: 'exited, no',
        indexer: 'exited, no',
        byHand: 'exited, no',
      });
    });
  } finally {
    await engine.remove();
  }
}, 900_000);

/** State and restart policy by role: what a restart of the engine goes by. */
async function endOf({ docker, containers }: Lab): Promise<Readonly<Record<string, string>>> {
  const found = Object.entries(await containers());
  const told = found.map(async ([role, { id }]) => {
    const { State, HostConfig } = await docker.getContainer(id).inspect();
    return [role, `${State.Status}, ${HostConfig.RestartPolicy?.Name || 'no'}`] as const;
  });
  return Object.fromEntries(await Promise.all(told));
}
