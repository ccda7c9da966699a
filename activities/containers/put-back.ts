import type { Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { contain } from './contain-experiment.ts';
import { type ReturnOf, writeReturn } from './returns.ts';
import type { Stage } from './stage-of.ts';
import { end } from './stop-experiment.ts';

/** Puts a container of the experiment that came back into the state it was in, and writes it down for the judgement. */
export async function putBack(
  room: Room,
  facts: ContainerFacts,
  how: { readonly stage: Stage; readonly isNew: boolean },
): Promise<void> {
  const { id, name, state, startedAt, restartCount } = facts;
  const line: ReturnOf = {
    name,
    id,
    at: how.stage === 'paused' ? new Date(room.world.now()).toISOString() : startedAt,
    startedAt,
    state,
    restartCount,
    putBackTo: how.stage === 'paused' ? 'paused' : 'stopped',
    appeared: how.isNew,
  };
  // First written, then done: a return that cannot be stopped is a return all the same.
  writeReturn(room, line);
  if (how.stage === 'paused') await contain(room, { id, name });
  else await end(room, { id, name });
}
