import { join } from 'node:path';
import { readIfThere } from '../../vault/durable-file.ts';
import { keepEvidence } from '../checks/keep-evidence.ts';
import type { Room } from '../kernel/room.ts';

export type LogStage = 'live' | 'final' | 'doomed' | 'replaced';

/** One log as it was kept. */
export interface KeptLog {
  readonly id: string;
  readonly name: string;
  readonly stage: LogStage;
  readonly driver: string;
  /** null when nothing could be read. */
  readonly file: string | null;
  readonly sha256: string | null;
  readonly bytes: number;
  readonly lines: number;
  /** Instant of the last line kept; the next capture goes on after it. */
  readonly last: string | null;
  /** Why not all of it is there, in words. */
  readonly cut: string | null;
  /** Why there is no log, in words. */
  readonly none: string | null;
}

const name = 'logs/index.json';

/** Every log kept so far, in the order of their capture. */
export function readLogIndex(room: Pick<Room, 'rollback'>): readonly KeptLog[] {
  const text = readIfThere(join(room.rollback.evidenceDir, name));
  return text === undefined ? [] : (JSON.parse(text) as readonly KeptLog[]);
}

/** Adds one log; in one tick with the reading, since several are captured at the same time. */
export function addToLogIndex(room: Room, log: KeptLog): void {
  const others = readLogIndex(room).filter(({ id, stage }) => id !== log.id || stage !== log.stage);
  keepEvidence(room, name, [...others, log]);
}
