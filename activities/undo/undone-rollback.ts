import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { undoneBy } from '../../contract/ids.ts';
import type { PlannedContainer } from '../../contract/records.ts';
import { readIfThere } from '../../vault/durable-file.ts';
import { errorCode } from '../../vault/errors.ts';
import { type JournalRecord, readJournal } from '../../vault/journal.ts';
import type { RollbackLayout } from '../../vault/layout.ts';
import { readSafetyCopy, type SafetyRootRecord } from '../../vault/safety-copy.ts';
import { readAdded } from '../containers/experiment-of.ts';
import { readStaging, type StagingPlace } from '../data/note-staging.ts';
import type { WholeContainer } from '../evidence/capture-whole.ts';
import { findRecord } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';

/** What a rollback has left behind of the state before it, and of what it did. */
export interface UndoneRollback {
  readonly rollbackId: string;
  readonly files: RollbackLayout;
  readonly records: readonly JournalRecord[];
  readonly experiment: readonly PlannedContainer[];
  readonly stable: readonly PlannedContainer[];
  /** Stable services that had no container. */
  readonly stableMissing: readonly string[];
  /** Verified copies of the data roots; empty when nothing was destroyed. */
  readonly roots: readonly SafetyRootRecord[];
  readonly staging: readonly StagingPlace[];
}

/** @param room of the undo */
export function undoneRollback(room: Pick<Room, 'layout' | 'input'>): UndoneRollback {
  const rollbackId = undoneBy(room.input.rollbackId);
  const files = room.layout.rollback(rollbackId);
  const at = { rollback: files };
  const plan = findRecord(at, 'containment');
  const known = new Set(plan?.experiment.map(({ id }) => id));
  return {
    rollbackId,
    files,
    records: readJournal(files.journal).records,
    experiment: [...(plan?.experiment ?? []), ...readAdded(at).filter(({ id }) => !known.has(id))],
    stable: plan?.stable ?? [],
    stableMissing: plan?.stableMissing ?? [],
    roots: readSafetyCopy(files.safetyDir)?.roots ?? [],
    staging: readStaging(at),
  };
}

/** Whether the rollback began to change a data root: without that its data are today's, and stay. */
export function touchedRoot({ records }: UndoneRollback, root: string): boolean {
  return records.some((record) => record.kind === 'intent' && record.effect.detail?.['root'] === root);
}

const repositoryEffects: readonly string[] = ['checkout', 'set-index', 'set-head', 'end-operation'];

/** Whether the rollback began to change files, index or HEAD of the repository. */
export function touchedRepository({ records }: UndoneRollback): boolean {
  return records.some((record) => record.kind === 'intent' && repositoryEffects.includes(record.effect.kind));
}

export interface CutConnection {
  readonly network: string;
  readonly networkId: string;
  readonly aliases: readonly string[];
  readonly addresses: unknown;
}

/** Networks from which the rollback took a container, oldest first, each once. */
export function cutFrom({ records }: UndoneRollback, id: string): readonly CutConnection[] {
  const cut = new Map<string, CutConnection>();
  for (const record of records) {
    if (record.kind !== 'intent' || record.effect.kind !== 'disconnect' || record.effect.target !== id) continue;
    // Written by cutNetworks alone.
    const detail = record.effect.detail as unknown as CutConnection;
    if (!cut.has(detail.networkId)) cut.set(detail.networkId, detail);
  }
  return [...cut.values()];
}

/** What was captured of a container before it went; undefined when nothing was. */
export function wholeOf({ files }: UndoneRollback, id: string): WholeContainer | undefined {
  for (const folder of ['replaced', 'doomed'].map((name) => join(files.evidenceDir, name))) {
    const name = namesIn(folder).find((each) => each.endsWith(`-${id.slice(0, 12)}.json`));
    const text = name === undefined ? undefined : readIfThere(join(folder, name));
    if (text !== undefined) return JSON.parse(text) as WholeContainer;
  }
  return undefined;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
