import { readCheckpoint } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';
import { findSkills } from './find-skills.ts';

export interface SkillsComparison {
  readonly status: 'pass' | 'fail' | 'unknown';
  readonly reason: string;
  readonly expected: readonly string[];
  readonly found: readonly string[];
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

/** Runbook 3.3: every expected skill is found. More than expected is told, and is no failure. */
export async function compareSkills(room: Room): Promise<SkillsComparison> {
  const none = { expected: [], found: [], missing: [], extra: [] };
  const expected = expectedSkills(room);
  if (expected === null) {
    return {
      ...none,
      status: 'unknown',
      reason: 'neither target nor a recorded checkpoint says which skills to expect',
    };
  }
  const answer = await findSkills(room);
  if ('problem' in answer)
    return { ...none, expected, status: 'fail', reason: `skills cannot be listed: ${answer.problem}` };
  const missing = expected.filter((name) => !answer.names.includes(name));
  const extra = answer.names.filter((name) => !expected.includes(name));
  const more = extra.length > 0 ? `; ${extra.length} more than expected: ${few(extra)}` : '';
  const lost = missing.length > 0 ? `; missing: ${few(missing)}` : '';
  return {
    status: missing.length > 0 ? 'fail' : 'pass',
    reason: `${expected.length - missing.length} of ${expected.length} expected skills found${lost}${more}`,
    expected,
    found: answer.names,
    missing,
    extra,
  };
}

/** An empty list of a checkpoint proves nothing: then nobody knows what to expect. */
function expectedSkills(room: Room): readonly string[] | null {
  const { skills } = room.target;
  if (!skills) return null;
  const names = skills.expected === 'from-checkpoint' ? (readCheckpoint(room)?.skills ?? []) : skills.expected;
  return names.length === 0 ? null : names;
}

function few(names: readonly string[]): string {
  return names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} …`;
}
