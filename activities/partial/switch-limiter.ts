import { readPartialPlan } from '../kernel/records.ts';
import type { ActBody } from '../kernel/room.ts';
import { setSwitches } from './set-switches.ts';

/** Rate limiting (runbook, "Scenario 2"): the limiter that the target names, with what takes it back in the journal. */
export const switchLimiter: ActBody = async (room) => {
  const { switches } = readPartialPlan(room);
  const limiter = room.target.partial.performance?.limiter ?? [];
  return setSwitches(
    room,
    limiter.filter(({ name }) => switches.includes(name)),
  );
};
