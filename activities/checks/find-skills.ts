import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import { askProbe } from './ask-probe.ts';

/** Names of skills the running system says it has, sorted; or why they could not be had. */
export type FoundSkills = { readonly names: readonly string[] } | { readonly problem: string };

/**
 * Asks the check that lists skills and reads the names at the target's pointer.
 * @throws ActFailure `refused` when the target names a check that it does not have
 */
export async function findSkills(room: Pick<Room, 'world' | 'signal' | 'target'>): Promise<FoundSkills> {
  const { skills, checks } = room.target;
  if (!skills) return { problem: 'the target does not say where skills are listed' };
  const check = checks.find(({ id }) => id === skills.check);
  if (check === undefined) throw new ActFailure('refused', `The target has no check ${skills.check} to list skills.`);
  const answer = await askProbe(room, check);
  // Fewer skills than the check's own minimum are still a list: which are missing is what is asked here.
  const names = valuesAt(answer.body, skills.names).filter((name) => typeof name === 'string');
  if (names.length === 0) return { problem: answer.good ? `no names at ${skills.names}` : answer.said };
  return { names: [...new Set(names)].sort() };
}

/** Values at a pointer like `/skills/(star)/name`; a star stands for every member of a list. */
export function valuesAt(value: unknown, pointer: string): readonly unknown[] {
  let found: readonly unknown[] = [value];
  for (const part of pointer.split('/').filter((text) => text !== '')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    found = found.flatMap((each): readonly unknown[] => {
      if (Array.isArray(each)) return key === '*' ? each : each.slice(Number(key), Number(key) + 1);
      if (typeof each !== 'object' || each === null) return [];
      if (key === '*') return Object.values(each);
      return Object.hasOwn(each, key) ? [Reflect.get(each, key)] : [];
    });
  }
  return found;
}
