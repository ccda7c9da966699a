import { join } from 'node:path';
import type { Baseline, CheckpointData, CheckpointRecord } from '../../contract/records.ts';
import { ensureDir, readIfThere, writeFileDurably } from '../../vault/durable-file.ts';
import { fileRef } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';

/** What the acts of a checkpoint hand to the one that seals it, each as a file in the checkpoint's folder. */
interface PartTypes {
  code: Pick<CheckpointRecord, 'ref' | 'commit' | 'tree'>;
  images: CheckpointRecord['images'];
  configuration: CheckpointRecord['configuration'];
  data: CheckpointData;
  skills: readonly string[];
  baseline: { readonly baseline: Baseline | null };
}

export type PartName = keyof PartTypes;

/** Writes a part durably. @param root for `data`: the data root it is of */
export function writePart<N extends PartName>(room: Room, name: N, part: PartTypes[N], root?: string) {
  const path = partPath(room, name, root);
  room.beforeEffect();
  ensureDir(join(path, '..'));
  writeFileDurably(path, `${JSON.stringify(part, null, 2)}\n`);
  return fileRef(path);
}

export function readPart<N extends PartName>(room: Room, name: N, root?: string): PartTypes[N] | undefined {
  const text = readIfThere(partPath(room, name, root));
  return text === undefined ? undefined : (JSON.parse(text) as PartTypes[N]);
}

function partPath({ rollback }: Pick<Room, 'rollback'>, name: PartName, root?: string): string {
  return join(rollback.dir, 'parts', root === undefined ? `${name}.json` : `${name}.${root}.json`);
}

/** Who asked for the checkpoint and when it began; kept by `openCheckpoint`. */
export interface CheckpointOrder {
  readonly by: string;
  readonly why: string;
  readonly at: string;
}

export function orderPath(dir: string): string {
  return join(dir, 'request.json');
}

export function readOrder({ rollback }: Pick<Room, 'rollback'>): CheckpointOrder | undefined {
  const text = readIfThere(orderPath(rollback.dir));
  return text === undefined ? undefined : (JSON.parse(text) as CheckpointOrder);
}
