import { join } from 'node:path';
import { z } from 'zod';
import { type RollbackScenario, rollbackScenarios } from '../../runbook/scenarios.ts';
import { readIfThere } from '../../vault/durable-file.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';

const request = z.object({ scenario: z.enum(rollbackScenarios) });

/**
 * The scenario that data are decided by. On the emergency path it is `emergency`, whatever the rollback began as; else
 * the one of the request that `openRollback` left in the rollback's folder.
 * @throws ActFailure `refused` when nobody said
 */
export function scenarioOf({ input, rollback }: Pick<Room, 'input' | 'rollback'>): RollbackScenario {
  if (input.mode === 'emergency') return 'emergency';
  const text = readIfThere(join(rollback.dir, 'request.json'));
  const known = text === undefined ? undefined : request.safeParse(JSON.parse(text));
  if (known?.success) return known.data.scenario;
  throw new ActFailure('refused', `No request in ${rollback.dir} says which scenario this is; nothing was decided.`);
}
