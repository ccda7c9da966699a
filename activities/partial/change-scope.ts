import { join } from 'node:path';
import { readIfThere, writeFileDurably } from '../../vault/durable-file.ts';
import { scenarioOf } from '../data/scenario-of.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { ActBody } from '../kernel/room.ts';

/** From here on the rollback is for another scenario: later acts and the report read it from the request. */
export const changeScope: ActBody = async (room) => {
  const { scenario } = room.input.options;
  const path = join(room.rollback.dir, 'request.json');
  const text = readIfThere(path);
  if (scenario === undefined || text === undefined) {
    throw new ActFailure(
      'refused',
      `There is no request in ${room.rollback.dir} to change; the scope stays as it was.`,
    );
  }
  const before = scenarioOf(room);
  if (before === scenario) return { outcome: 'already-done', reason: `It is a rollback for ${scenario} already.` };
  await room.effect(
    { kind: 'change-scope', target: scenario, recovery: 'do-again', detail: { from: before } },
    async () => {
      writeFileDurably(path, `${JSON.stringify({ ...(JSON.parse(text) as object), scenario })}\n`);
      return 'done' as const;
    },
  );
  return { outcome: 'done', reason: `The rollback for ${before} goes on as one for ${scenario}.` };
};
