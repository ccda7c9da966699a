import { join } from 'node:path';
import type { ActBody } from '../kernel/room.ts';
import { keepEvidence } from './keep-evidence.ts';
import { soak } from './soak.ts';

/** Runbook 1.3 "Verify SMP System": not one good answer, but steadily good ones from containers that stay (facts). */
export const awaitStableHealth: ActBody = async (room) => {
  const { soak: rule, deadlineMs } = room.target.health;
  const { judgement, observations, looks, tookMs, healthyAt } = await soak(room, { rule, deadlineMs });
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
