import type { Room } from '../../kernel/room.ts';
import { compareSkills } from '../compare-skills.ts';
import type { Proof } from './proof.ts';

/** A target that declares no list of skills has none to prove here; a check of it may prove them all the same. */
export async function proveSkills(room: Room): Promise<Proof> {
  if (room.target.skills === null) return { items: {}, seen: 'the target declares no list of skills' };
  const seen = await compareSkills(room);
  const needsCheckpoint = room.target.skills.expected === 'from-checkpoint';
  const measured = { status: seen.status, measured: seen.reason, needsCheckpoint };
  return { items: { 'skills-discoverable': measured }, seen };
}
