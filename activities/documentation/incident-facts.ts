import { join } from 'node:path';
import { z } from 'zod';
import type { Judgement, RecoveryPlan } from '../../contract/records.ts';
import type { Conclusion } from '../../contract/step.ts';
import type { NoticeRecord } from '../../runbook/notice-record.ts';
import type { Scenario } from '../../runbook/scenarios.ts';
import { scenarios } from '../../runbook/scenarios.ts';
import { readIfThere } from '../../vault/durable-file.ts';
import { openObligations } from '../../vault/journal.ts';
import type { JournalRecord } from '../../vault/journal-record.ts';
import { findStable } from '../checks/find-stable.ts';
import { eventWindow } from '../containers/event-window.ts';
import { readAdded } from '../containers/experiment-of.ts';
import { classify } from '../containers/find-containers.ts';
import { asActFailure } from '../kernel/act.ts';
import { findRecord, readCheckpoint } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';
import type { EngineEvent } from '../kernel/world.ts';
import { noticeRecords } from '../notices/notice-records.ts';
import { type Downtime, downtimeOf } from './downtime.ts';

const requestSchema = z.looseObject({
  scenario: z.enum(scenarios),
  reason: z.string(),
  by: z.looseObject({ account: z.string(), host: z.string() }),
  clockFrom: z.string(),
  timeScale: z.number().default(1),
});

/** All that the report says, gathered from records, journal and one look at the containers. */
export interface IncidentFacts {
  readonly rollbackId: string;
  readonly target: Room['target'];
  readonly mode: Room['input']['mode'];
  readonly rollbackDir: string;
  readonly request: {
    readonly scenario: Scenario;
    readonly reason: string;
    readonly who: string;
    readonly clockFrom: string;
    readonly timeScale: number;
  } | null;
  readonly conclusion: Conclusion | null;
  readonly judgement: Judgement | null;
  readonly recovery: RecoveryPlan | null;
  readonly checkpointId: string | null;
  readonly records: readonly JournalRecord[];
  readonly events: readonly EngineEvent[];
  /** Why the engine's events are not all there, if so. */
  readonly eventsNote: string;
  readonly downtime: readonly Downtime[];
  readonly downtimeNote: string | null;
  readonly obligations: readonly string[];
  /** What people outside were told, as far as it is known by now. */
  readonly notices: readonly NoticeRecord[];
}

export async function incidentFacts(room: Room): Promise<IncidentFacts> {
  const { input, rollback, target } = room;
  const records = room.journal.records();
  const judgement = findRecord(room, 'judgement') ?? null;
  const downtime = await orNote(room, () => downtimeIn(room, records));
  const events = await orNote(room, () => eventsIn(room, records, judgement?.at));
  return {
    rollbackId: input.rollbackId,
    target,
    mode: input.mode,
    rollbackDir: rollback.dir,
    request: requestIn(room),
    conclusion: input.options.conclusion ?? null,
    judgement,
    recovery: findRecord(room, 'recovery') ?? null,
    checkpointId: readCheckpoint(room)?.id ?? null,
    records,
    events: events.found ?? [],
    eventsNote: events.note ?? 'The engine remembers its last few hundred events only; the journal is whole.',
    downtime: downtime.found ?? [],
    downtimeNote: downtime.note,
    obligations: openObligations(records).map(({ what }) => what),
    notices: noticeRecords(rollback),
  };
}

/** The report is written whatever cannot be looked at any more; it then says so. */
async function orNote<T>(
  room: Room,
  look: () => Promise<T>,
): Promise<{ readonly found: T | null; readonly note: string | null }> {
  try {
    return { found: await look(), note: null };
  } catch (error) {
    room.signal.throwIfAborted();
    const failure = asActFailure(error);
    if (failure.kind === 'stale-attempt') throw failure;
    return { found: null, note: `could not be had: ${failure.message}` };
  }
}

async function downtimeIn(room: Room, records: readonly JournalRecord[]): Promise<readonly Downtime[]> {
  const plan = findRecord(room, 'containment');
  if (plan === undefined) return [];
  const { containers } = await findStable(room);
  const before = { at: plan.at, containers: plan.stable };
  return downtimeOf(room.target.stable.services, before, containers, records);
}

const told = /^(create|start|stop|die|kill|pause|unpause|destroy|oom|restart)$/;

/** What the engine remembers of both systems' containers, until the judgement: later ones are not part of it. */
async function eventsIn(
  room: Room,
  records: readonly JournalRecord[],
  judgedAt: string | undefined,
): Promise<readonly EngineEvent[]> {
  const since = records[0]?.at;
  if (since === undefined) return [];
  const plan = findRecord(room, 'containment');
  const known = new Set([...(plan?.experiment ?? []), ...(plan?.stable ?? []), ...readAdded(room)].map(({ id }) => id));
  const { docker } = room.world;
  const { time } = await docker.info();
  const window = eventWindow({ since, until: judgedAt ?? time }, time);
  const events: EngineEvent[] = [];
  for await (const event of docker.events({ ...window, signal: room.signal })) {
    if (event.type !== 'container' || !told.test(event.action)) continue;
    if (known.has(event.id) || classify(room, event).system !== 'foreign') events.push(event);
  }
  return events;
}

function requestIn({ rollback }: Room): IncidentFacts['request'] {
  const text = readIfThere(join(rollback.dir, 'request.json'));
  if (text === undefined) return null;
  const { scenario, reason, by, clockFrom, timeScale } = requestSchema.parse(JSON.parse(text));
  return { scenario, reason, who: `${by.account} on ${by.host}`, clockFrom, timeScale };
}
