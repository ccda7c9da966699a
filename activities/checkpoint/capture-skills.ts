import { findSkills } from '../checks/find-skills.ts';
import type { ActBody } from '../kernel/room.ts';
import { writePart } from './parts.ts';

/** The skills that the stable system lists now: what a rollback has to find again (runbook 3.3). */
export const captureSkills: ActBody = async (room) => {
  if (room.target.skills === null) {
    const file = writePart(room, 'skills', []);
    return { outcome: 'skipped', reason: 'The target does not say where skills are listed.', files: [file] };
  }
  const found = await findSkills(room);
  if ('problem' in found) {
    return { outcome: 'failed', reason: `The skills cannot be listed: ${found.problem}. None were recorded.` };
  }
  const { expected } = room.target.skills;
  const missing = expected === 'from-checkpoint' ? [] : expected.filter((name) => !found.names.includes(name));
  if (missing.length > 0) {
    const reason = `The system does not list ${missing.join(', ')}, which the target expects. None were recorded.`;
    return { outcome: 'failed', reason };
  }
  const file = writePart(room, 'skills', found.names);
  return {
    outcome: 'done',
    reason: `${found.names.length} skill(s) are recorded.`,
    figures: { skills: found.names.length },
    files: [file],
  };
};
