import { join } from 'node:path';
import { ensureDir, evidenceMode, readIfThere, writeFileDurably } from '../../vault/durable-file.ts';
import type { Room } from '../kernel/room.ts';

/** A line of `evidence/returns.jsonl`: a container of the experiment that came back, read by the judgement. */
export interface ReturnOf {
  readonly name: string;
  readonly id: string;
  /** ISO instant: when it started, or when it was seen. */
  readonly at: string;
  readonly startedAt: string;
  readonly state: string;
  readonly restartCount: number;
  readonly putBackTo: 'paused' | 'stopped';
  /** It was not known before. */
  readonly appeared: boolean;
}

export function readReturns(room: Pick<Room, 'rollback'>): readonly ReturnOf[] {
  const text = readIfThere(pathOf(room)) ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReturnOf);
}

/** Adds a line; the same return, told again after a failure to put it back, stands there once. */
export function writeReturn(room: Room, line: ReturnOf): void {
  const text = readIfThere(pathOf(room)) ?? '';
  const known = readReturns(room).some(
    ({ id, startedAt, state, putBackTo }) =>
      id === line.id && startedAt === line.startedAt && state === line.state && putBackTo === line.putBackTo,
  );
  if (known) return;
  room.beforeEffect();
  ensureDir(room.rollback.evidenceDir);
  writeFileDurably(pathOf(room), `${text}${JSON.stringify(line)}\n`, evidenceMode);
}

function pathOf(room: Pick<Room, 'rollback'>): string {
  return join(room.rollback.evidenceDir, 'returns.jsonl');
}
