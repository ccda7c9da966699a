import type { Room } from '../../kernel/room.ts';
import { compareSkills } from '../compare-skills.ts';
import type { Proof } from './proof.ts';

export async function proveSkills(room: Room): Promise<Proof> {
  const seen = await compareSkills(room);
  const needsCheckpoint = room.target.skills?.expected === 'from-checkpoint';
  const measured = { status: seen.status, measured: seen.reason, needsCheckpoint };
  return { items: { 'skills-discoverable': measured }, seen };
}
