import { join } from 'node:path';
import { z } from 'zod';
import { type Scenario, scenarios } from '../../runbook/scenarios.ts';
import { readIfThere } from '../../vault/durable-file.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';

const request = z.object({ scenario: z.enum(scenarios) });

/**
 * The scenario that data are decided by. On the emergency path it is `emergency`, whatever the rollback began as; else
 * the one of the request that `openRollback` left in the rollback's folder.
 * @throws ActFailure `refused` when nobody said
 */
export function scenarioOf(room: Pick<Room, 'input' | 'rollback'>): Scenario {
  const known = recorded(room);
  if (known !== undefined) return known;
  const { dir } = room.rollback;
  throw new ActFailure('refused', `No request in ${dir} says which scenario this is; nothing was decided.`);
}

/** What nobody said counts as a whole rollback, which is judged by everything. */
export function scenarioIfKnown(room: Pick<Room, 'input' | 'rollback'>): Scenario {
  return recorded(room) ?? 'service-disruption';
}

function recorded({ input, rollback }: Pick<Room, 'input' | 'rollback'>): Scenario | undefined {
  if (input.mode === 'emergency') return 'emergency';
  const text = readIfThere(join(rollback.dir, 'request.json'));
  const known = text === undefined ? undefined : request.safeParse(JSON.parse(text));
  return known?.success ? known.data.scenario : undefined;
}
