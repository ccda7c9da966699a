import { type BusinessHours, nextWithin } from './business-hours.ts';

/** Runbook, "Escalation Paths": level 1 is called first, the next one when nobody acknowledges. */
export interface Rung {
  readonly level: number;
  readonly name: string;
  /** Channels by which this level is called; none: it can only be looked up. */
  readonly notify: readonly string[];
  readonly acknowledgeMs: number;
  /** How often it is called again before the next level is. */
  readonly repeats: number;
  /** null: at any time. */
  readonly businessHours: (BusinessHours & { readonly outside: 'skip' | 'wait' }) | null;
}

export type Turn =
  | { readonly kind: 'call' }
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'skip'; readonly why: string };

/** Why somebody is called, and the level it begins with: what the operator at work could not do alone. */
export const escalationCauses = {
  'question-waits': { fromLevel: 1, text: 'A question has waited for half of its time.' },
  'target-passed': { fromLevel: 1, text: 'The time target has passed.' },
  'maximum-passed': { fromLevel: 2, text: 'The maximum time has passed.' },
  failed: { fromLevel: 1, text: 'The rollback failed: the stable system is not proven to serve.' },
} as const satisfies Record<string, { readonly fromLevel: number; readonly text: string }>;

export type EscalationCause = keyof typeof escalationCauses;

/** Who can be called at all, from this level on; where that is nobody, the highest level below it. */
export function rungsFrom(rungs: readonly Rung[], level: number): readonly Rung[] {
  const reachable = rungs.filter((rung) => rung.notify.length > 0).sort((a, b) => a.level - b.level);
  const wanted = reachable.filter((rung) => rung.level >= level);
  return wanted.length > 0 ? wanted : reachable.slice(-1);
}

/**
 * What becomes of a level at this time. The last one is never skipped: somebody must be called.
 * @param at milliseconds since the epoch
 */
export function turnOf({ businessHours: hours, name }: Rung, at: number, isLast: boolean): Turn {
  if (hours === null) return { kind: 'call' };
  const next = nextWithin(hours, at);
  if (next === at) return { kind: 'call' };
  if (hours.outside === 'wait' && next !== undefined && !isLast) return { kind: 'wait', untilMs: next };
  if (isLast) return { kind: 'call' };
  return { kind: 'skip', why: `${name} can be reached from ${hours.from} to ${hours.to} (${hours.timeZone}) only` };
}
