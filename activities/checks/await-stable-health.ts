import { join } from 'node:path';
import type { ActBody, Room } from '../kernel/room.ts';
import { keepEvidence } from './keep-evidence.ts';
import { soak } from './soak.ts';
import { wakeFallen } from './wake-fallen.ts';

/**
 * Runbook 1.3, the health: not one good answer, but steadily good ones from containers that stay (facts). What an engine
 * that died took down with it is started: `unless-stopped` does not bring it back (facts).
 */
export const awaitStableHealth: ActBody = async (room) => {
  const { soak: rule } = room.target.health;
  const deadlineMs = deadlineOf(room);
  const { judgement, observations, looks, tookMs, healthyAt } = await soak(room, {
    rule,
    deadlineMs,
    whenDown: wakeFallen(room),
  });
  const last = observations.at(-1)?.answer.said ?? 'none';
  const name = join('health', `${room.input.key.replaceAll(/[^\w.-]/g, '-')}.json`);
  const file = keepEvidence(room, name, { healthyAt, judgement, observations: observations.slice(-50) });
  const seconds = Math.round(tookMs / 100) / 10;
  return {
    outcome: judgement.steady ? 'done' : 'failed',
    reason: judgement.steady
      ? `the stable system serves: ${judgement.reason}`
      : `not steadily healthy within ${seconds} s: ${judgement.reason}; the last answer: ${last}`,
    figures: { seconds, answers: judgement.answers, looks, lastAnswer: last, ...(healthyAt ? { healthyAt } : {}) },
    files: [file],
  };
};

/** Beyond the soak itself, where nothing is waited for. */
const lookMs = 10_000;

/**
 * With suspect data the recovery comes next and may be what makes the system healthy: the first phase looks long enough
 * to see it steady, and does not wait for what only the recovery can bring.
 */
function deadlineOf({ input, target }: Room): number {
  const { soak: rule, deadlineMs } = target.health;
  const recoveryFollows = input.mode === 'full' && input.options.suspectData === true;
  return recoveryFollows ? Math.min(deadlineMs, rule.overMs + lookMs) : deadlineMs;
}
