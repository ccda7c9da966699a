import { soak } from '../checks/soak.ts';
import { ActFailure } from '../kernel/failures.ts';
import { readPartialPlan } from '../kernel/records.ts';
import type { ActBody } from '../kernel/room.ts';
import { setSwitches } from './set-switches.ts';

/**
 * The experiment's integration is switched off and all traffic goes to the stable system (runbook, "Scenario 1"). Not
 * before that system is steadily healthy: traffic that is sent to one that is down helps nobody.
 * @throws ActFailure `refused` when it is not; nothing was switched
 */
export const switchTraffic: ActBody = async (room) => {
  const { switches } = readPartialPlan(room);
  const { health, partial } = room.target;
  const { judgement } = await soak(room, { rule: health.soak, deadlineMs: health.deadlineMs });
  if (!judgement.steady) {
    throw new ActFailure(
      'refused',
      `The stable system is not steadily healthy: ${judgement.reason}. Nothing was switched.`,
    );
  }
  const wanted = (partial.integration?.switches ?? []).filter(({ name }) => switches.includes(name));
  return setSwitches(room, wanted);
};
