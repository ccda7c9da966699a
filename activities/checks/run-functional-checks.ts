import { join } from 'node:path';
import type { FileRef } from '../../contract/step.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { askChecks, type CheckAnswer } from './functional-checks.ts';
import { keepEvidence } from './keep-evidence.ts';

/** Runbook 3.1: real questions, and each answer is judged by its content. */
export const runFunctionalChecks: ActBody = async (room) => {
  const answers = await askChecks(room);
  if (answers.length === 0) return { outcome: 'unknown', reason: 'the target names no functional check' };
  const files = answers.map((answer) => keep(room, answer));
  const wrong = answers.filter((answer) => !answer.good);
  const required = wrong.filter((answer) => answer.required);
  const passed = answers.length - wrong.length;
  const said = wrong.map(({ id, said }) => `${id}: ${said}`).join('; ');
  return {
    outcome: required.length > 0 ? 'failed' : 'done',
    reason: `${passed} of ${answers.length} answers are right${said === '' ? '' : `; ${said}`}`,
    figures: { checks: answers.length, passed, failed: wrong.length },
    files: files.slice(0, 20),
  };
};

function keep(room: Room, { id, title, good, said, elapsedMs, answer, sha256, proves }: CheckAnswer): FileRef {
  const at = new Date(room.world.now()).toISOString();
  return keepEvidence(room, join('checks', `${id}.json`), {
    at,
    id,
    title,
    proves,
    good,
    said,
    elapsedMs: Math.round(elapsedMs),
    answerSha256: sha256,
    answer,
  });
}
