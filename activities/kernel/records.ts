import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  CheckpointRecord,
  ContainmentPlan,
  Findings,
  Judgement,
  PartialPlan,
  PrunePlan,
  RecoveryPlan,
  UndoPlan,
} from '../../contract/records.ts';
import type { FileRef } from '../../contract/step.ts';
import { ensureDir, readIfThere, writeFileDurably } from '../../vault/durable-file.ts';
import { ActFailure } from './failures.ts';
import type { Room } from './room.ts';

/** Records that acts leave for later acts, with the folder each lies in. */
interface RecordTypes {
  containment: ContainmentPlan;
  findings: Findings;
  recovery: RecoveryPlan;
  partial: PartialPlan;
  judgement: Judgement;
  undo: UndoPlan;
  prune: PrunePlan;
}

export type RecordName = keyof RecordTypes;

export interface WrittenRecord {
  readonly hash: string;
  readonly file: FileRef;
}

/** Where a record of this rollback lies, whether it is there or not. */
export function recordPath(room: Pick<Room, 'rollback'>, name: RecordName): string {
  return join(name === 'judgement' ? room.rollback.reportDir : room.rollback.planDir, `${name}.json`);
}

/**
 * Writes a record durably. The hash covers what the record decides, not when it was made: the same decision has the
 * same hash, so that an answer given to a forecast holds for the very same plan.
 */
export function writeRecord<N extends RecordName>(room: Room, name: N, record: RecordTypes[N]): WrittenRecord {
  const path = recordPath(room, name);
  const text = `${JSON.stringify(record, null, 2)}\n`;
  room.beforeEffect();
  ensureDir(join(path, '..'));
  writeFileDurably(path, text);
  return { hash: recordHash(record), file: { path, sha256: sha256(text), bytes: Buffer.byteLength(text) } };
}

/** SHA-256 (hex) of a record without its instant `at`. */
export function recordHash(record: RecordTypes[RecordName]): string {
  const { at: _at, ...decides } = record;
  return sha256(JSON.stringify(decides));
}

/** The record if it is there, whatever its hash. */
export function findRecord<N extends RecordName>(room: Pick<Room, 'rollback'>, name: N): RecordTypes[N] | undefined {
  const text = readIfThere(recordPath(room, name));
  return text === undefined ? undefined : (JSON.parse(text) as RecordTypes[N]);
}

/** @throws ActFailure `plan-differs` when there is none, or when it is not the one the workflow means */
function readRecord<N extends RecordName>(room: Room, name: N, hash: string | undefined): RecordTypes[N] {
  const record = findRecord(room, name);
  if (record === undefined) {
    throw new ActFailure('plan-differs', `There is no ${name} record of this rollback; nothing was done.`, {
      data: { name },
    });
  }
  if (hash !== undefined && recordHash(record) !== hash) {
    throw new ActFailure(
      'plan-differs',
      `The ${name} record on disk is not the one this step carries out; nothing was done.`,
      {
        data: { name, expected: hash, found: recordHash(record) },
      },
    );
  }
  return record;
}

export function readContainmentPlan(room: Room): ContainmentPlan {
  return readRecord(room, 'containment', room.input.plans.containment);
}

export function readFindings(room: Room): Findings {
  return readRecord(room, 'findings', undefined);
}

export function readRecoveryPlan(room: Room): RecoveryPlan {
  return readRecord(room, 'recovery', room.input.plans.recovery);
}

export function readUndoPlan(room: Room): UndoPlan {
  return readRecord(room, 'undo', room.input.plans.undo);
}

export function readPrunePlan(room: Room): PrunePlan {
  return readRecord(room, 'prune', room.input.plans.prune);
}

/** @throws ActFailure `plan-differs` */
export function readPartialPlan(room: Room): PartialPlan {
  return readRecord(room, 'partial', room.input.plans.partial);
}

/** The latest sealed checkpoint of this environment that was taken at `ref`; null when there is only the git ref. */
export function readCheckpoint(room: Pick<Room, 'layout' | 'target'>): CheckpointRecord | null {
  const { checkpoint: ref } = room.target.repository;
  return (
    sealedCheckpoints(room)
      .filter((record) => record.ref === ref)
      .at(-1) ?? null
  );
}

/** Every sealed checkpoint of this environment, oldest first. */
export function sealedCheckpoints(room: Pick<Room, 'layout'>): readonly CheckpointRecord[] {
  let ids: string[];
  try {
    ids = readdirSync(room.layout.checkpointsDir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return ids
    .flatMap((id) => {
      const text = readIfThere(room.layout.checkpoint(id).record);
      return text === undefined ? [] : [JSON.parse(text) as CheckpointRecord];
    })
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A file in the state folder as histories carry it. Small files only: it is read whole. */
export function fileRef(path: string): FileRef {
  const bytes = readFileSync(path);
  return { path, sha256: sha256(bytes), bytes: bytes.length };
}
