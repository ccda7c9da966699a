import { dirname, join } from 'node:path';
import type { FileRef } from '../../contract/step.ts';
import { ensureDir, evidenceMode, writeFileDurably } from '../../vault/durable-file.ts';
import { sha256 } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';

/** Writes what was seen into the evidence, raw and readable by its owner only (design §4.9). */
export function keepEvidence(room: Room, name: string, content: unknown): FileRef {
  const path = join(room.rollback.evidenceDir, name);
  const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`;
  room.beforeEffect();
  ensureDir(dirname(path));
  writeFileDurably(path, text, evidenceMode);
  return { path, sha256: sha256(text), bytes: Buffer.byteLength(text) };
}
