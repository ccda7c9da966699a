import { checklistIds } from '../../../runbook/checklist.ts';
import type { Measurement } from '../../../runbook/judge.ts';
import type { Room } from '../../kernel/room.ts';
import { askChecks, type CheckAnswer } from '../functional-checks.ts';
import { allOf, type Proof } from './proof.ts';

/** The functional checks, asked anew; each proves the items that the target says it proves. */
export async function proveAnswers(room: Room): Promise<Proof> {
  const answers = await askChecks(room);
  const items: Record<string, Measurement> = {};
  for (const id of checklistIds) {
    const proving = answers.filter(({ proves }) => proves.includes(id));
    if (proving.length > 0) items[id] = allOf(proving.map(measurementOf), '');
  }
  return {
    items: {
      'basic-queries': { status: 'unknown', measured: 'no check of the target proves basic queries' },
      ...items,
      'no-user-errors': allOf(answers.map(measurementOf), 'the target names no functional check'),
    },
    seen: answers.map(({ id, good, said, elapsedMs, sha256, answer }) => ({
      id,
      good,
      said,
      elapsedMs,
      sha256,
      answer,
    })),
  };
}

function measurementOf({ id, good, said, elapsedMs }: CheckAnswer): Measurement {
  return { status: good ? 'pass' : 'fail', measured: `${id}: ${said} (${Math.round(elapsedMs)} ms)` };
}
