import type { Room } from '../../kernel/room.ts';
import { compareSkills } from '../compare-skills.ts';
import type { Proof } from './proof.ts';

export async function proveSkills(room: Room): Promise<Proof> {
  const seen = await compareSkills(room);
  return { items: { 'skills-discoverable': { status: seen.status, measured: seen.reason } }, seen };
}
