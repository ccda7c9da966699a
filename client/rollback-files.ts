import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Judgement } from '../contract/records.ts';
import type { RollbackRequest } from '../contract/rollback.ts';
import type { Outcome } from '../contract/step.ts';
import type { Scenario } from '../runbook/scenarios.ts';
import { scenarios } from '../runbook/scenarios.ts';
import { journalState } from '../vault/checkpoint-shelf.ts';
import { readIfThere } from '../vault/durable-file.ts';
import { errorCode } from '../vault/errors.ts';
import type { JournalRecord, Obligation } from '../vault/journal.ts';
import { openObligations, readJournal } from '../vault/journal.ts';
import type { RollbackLayout } from '../vault/layout.ts';
import { environmentLayout } from '../vault/layout.ts';
import type { Place } from './environment.ts';
import { ClientFailure } from './failures.ts';
import { readJudgement } from './judgement-file.ts';
import type { StepView } from './steps-view.ts';
import { titleOfKey } from './steps-view.ts';

/** What a rollback has left in this host's state folder: readable with no server and no worker (design §3). */
export interface RollbackOnDisk {
  readonly rollbackId: string;
  readonly files: RollbackLayout;
  readonly request: StoredRequest | undefined;
  readonly steps: readonly StepView[];
  readonly obligations: readonly Obligation[];
  /** `open`: at work or interrupted; `left-open`: cancelled or given up, can be resumed. */
  readonly state: 'open' | 'left-open' | 'closed';
  /** ISO instant of the last record. */
  readonly lastAt: string | null;
  readonly judgement: Judgement | undefined;
  readonly reportPath: string | undefined;
}

export type StoredRequest = Omit<RollbackRequest, 'target'>;

const scenarioSchema = z.custom<Scenario>((value) => scenarios.some((name) => name === value));

const requestSchema = z.object({
  environment: z.string(),
  rollbackId: z.string(),
  scenario: scenarioSchema,
  reason: z.string(),
  by: z.object({ account: z.string(), uid: z.number(), host: z.string() }),
  clockFrom: z.string(),
  yes: z.boolean(),
  agreedPlan: z.string().nullable(),
  attended: z.boolean(),
  security: z.boolean(),
  choices: z.array(z.object({ root: z.string(), action: z.enum(['put-back', 'leave']) })),
  targetHash: z.string(),
  resume: z.boolean(),
  timeScale: z.number(),
}) satisfies z.ZodType<StoredRequest>;

/** Ids of the environment's rollbacks on this host, oldest first: the time is part of the id. */
export function rollbackIdsIn(place: Place): readonly string[] {
  try {
    return readdirSync(environmentLayout(place.stateRoot, place.environment).rollbacksDir).sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/**
 * The last rollback, or the one that is named.
 * @returns undefined when there is none
 * @throws JournalDamaged when its journal cannot be trusted
 */
export function readRollback(place: Place, wanted?: string): RollbackOnDisk | undefined {
  const ids = rollbackIdsIn(place);
  const id = wanted ?? ids.at(-1);
  if (id === undefined || !ids.includes(id)) return undefined;
  const files = environmentLayout(place.stateRoot, place.environment).rollback(id);
  const records = recordsOf(files);
  const reportPath = join(files.reportDir, 'incident-report.md');
  return {
    rollbackId: id,
    files,
    request: requestIn(files),
    steps: stepsOfJournal(records),
    obligations: openObligations(records),
    state: journalState(records),
    lastAt: records.at(-1)?.at ?? null,
    judgement: readJudgement(place, id),
    reportPath: readIfThere(reportPath) === undefined ? undefined : reportPath,
  };
}

function recordsOf(files: RollbackLayout): readonly JournalRecord[] {
  try {
    return readJournal(files.journal).records;
  } catch (error) {
    // The folder is there a moment before its journal.
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function requestIn(files: RollbackLayout): StoredRequest | undefined {
  const path = join(files.dir, 'request.json');
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const parsed = requestSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new ClientFailure('unexpected', `${path} cannot be read as what it should be; nothing was done with it.`, {
    cause: parsed.error,
  });
}

/** Steps as the journal tells them; one whose attempt never ended stands as at work. */
export function stepsOfJournal(records: readonly JournalRecord[]): readonly StepView[] {
  const steps = new Map<string, StepView>();
  for (const record of records) {
    if (record.kind === 'open') {
      steps.delete(record.step);
      steps.set(record.step, opened(record));
    }
    const step = steps.get(record.step);
    if (record.kind === 'close' && step !== undefined) {
      const state = outcomeOf(record.result);
      steps.set(record.step, { ...step, state, reason: record.reason, endedAt: record.at });
    }
  }
  return [...steps.values()];
}

function opened({ step, at, attempt }: JournalRecord<'open'>): StepView {
  return {
    key: step,
    title: titleOfKey(step),
    activityId: '',
    state: 'running',
    reason: '',
    startedAt: at,
    endedAt: null,
    attempt,
  };
}

const outcomes: readonly Outcome[] = ['done', 'already-done', 'skipped', 'failed', 'unknown'];

/** What is no outcome is the end of an act that threw. */
function outcomeOf(result: string): Outcome | 'cancelled' {
  if (result === 'cancelled') return result;
  return outcomes.find((outcome) => outcome === result) ?? 'failed';
}
