import type { PlannedContainer } from '../../contract/records.ts';
import type { JournalRecord } from '../../vault/journal-record.ts';
import type { StableContainer } from '../checks/find-stable.ts';

/** Whether a service of the stable system was away, as inspect and journal have it. */
export interface Downtime {
  readonly service: string;
  /** `unknown`: it was or is down, for how long cannot be told. */
  readonly kind: 'none' | 'down' | 'still-down' | 'unknown';
  readonly from: string | null;
  readonly until: string | null;
  readonly ms: number | null;
  readonly why: string;
}

/** What was known of the stable system before anything was done to it. */
export interface Before {
  readonly at: string;
  readonly containers: readonly PlannedContainer[];
}

/**
 * Compares each service before and now. Same container, same start, never paused by us: not down for a moment. All
 * else is counted from the effect that took it away, or from the look that found it away.
 * @param now containers of the stable system at the end
 */
export function downtimeOf(
  services: readonly string[],
  before: Before,
  now: readonly StableContainer[],
  records: readonly JournalRecord[],
): readonly Downtime[] {
  return services.map((service) => {
    const planned = before.containers.find((container) => container.service === service);
    const facts = now.find((container) => container.service === service)?.facts;
    const from = beginOf(planned, before.at, records);
    if (facts === undefined || facts.state !== 'running') {
      const why = facts === undefined ? 'it has no container' : `its container is ${facts.state}`;
      return { service, kind: 'still-down', from: from?.at ?? null, until: null, ms: null, why };
    }
    const woken = facts.id === planned?.id ? lastOf(records, facts.id, /^unpause$/) : undefined;
    const same = facts.id === planned?.id && facts.startedAt === planned.startedAt;
    if (from === undefined && same) return none(service, 'same container, same start as before the rollback');
    if (from === undefined) {
      const why = 'its container was started anew, by nothing that stands in the journal';
      return { service, kind: 'unknown', from: null, until: instant(facts.startedAt), ms: null, why };
    }
    const until = same ? (woken ?? null) : instant(facts.startedAt);
    if (until === null) return { service, kind: 'unknown', from: from.at, until, ms: null, why: from.why };
    const ms = Math.max(0, Date.parse(until) - Date.parse(from.at));
    return { service, kind: 'down', from: from.at, until, ms, why: from.why };
  });
}

/** The engine tells nanoseconds, the journal milliseconds. */
function instant(engineTime: string): string {
  return new Date(engineTime).toISOString();
}

function none(service: string, why: string): Downtime {
  return { service, kind: 'none', from: null, until: null, ms: 0, why };
}

/** When it went away; undefined where nothing says that it did. */
function beginOf(planned: PlannedContainer | undefined, plannedAt: string, records: readonly JournalRecord[]) {
  if (planned === undefined) return { at: plannedAt, why: 'at least: it had no container when the rollback began' };
  if (planned.state !== 'running') {
    return { at: plannedAt, why: `at least: it was ${planned.state} already when the rollback began` };
  }
  const taken = records.find(
    (record) =>
      record.kind === 'intent' &&
      record.effect.target === planned.id &&
      /^(stop|kill|pause|remove)/.test(record.effect.kind),
  );
  return taken === undefined ? undefined : { at: taken.at, why: `stopped by ${taken.step}` };
}

function lastOf(records: readonly JournalRecord[], id: string, kind: RegExp): string | undefined {
  const seqs = new Set<number>();
  let at: string | undefined;
  for (const record of records) {
    if (record.kind === 'intent' && record.effect.target === id && kind.test(record.effect.kind)) seqs.add(record.seq);
    if (record.kind === 'confirm' && seqs.has(record.intent)) at = record.at;
  }
  return at;
}
