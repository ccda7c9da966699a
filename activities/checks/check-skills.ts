import type { ActBody } from '../kernel/room.ts';
import { compareSkills } from './compare-skills.ts';
import { keepEvidence } from './keep-evidence.ts';
import { outcomeOf } from './outcome-of.ts';

/** Runbook 3.3 "Data Consistency Check": which of the expected skills the running system has. */
export const checkSkills: ActBody = async (room) => {
  if (room.target.skills === null) {
    return { outcome: 'skipped', reason: 'The target does not say where skills are listed.' };
  }
  const seen = await compareSkills(room);
  const file = keepEvidence(room, 'checks/skills.json', seen);
  return {
    outcome: outcomeOf[seen.status],
    reason: seen.reason,
    figures: { expected: seen.expected.length, missing: seen.missing.length, extra: seen.extra.length },
    files: [file],
  };
};
