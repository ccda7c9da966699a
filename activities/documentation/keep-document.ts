import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { FileRef } from '../../contract/step.ts';
import { ensureDir, readIfThere, syncDir, writeFileDurably } from '../../vault/durable-file.ts';
import { sha256 } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';

/**
 * Writes a document of the report. An earlier one that says something else is moved aside, not replaced: somebody may
 * have written into it.
 * @returns the file, and whether anything had to be written
 */
export function keepDocument(room: Room, name: string, text: string): readonly [FileRef, boolean] {
  const { reportDir } = room.rollback;
  const path = join(reportDir, name);
  const file = { path, sha256: sha256(text), bytes: Buffer.byteLength(text) };
  const earlier = readIfThere(path);
  if (earlier === text) return [file, false];
  room.beforeEffect();
  ensureDir(reportDir);
  if (earlier !== undefined) {
    const dot = name.lastIndexOf('.');
    const aside = `${name.slice(0, dot)}.earlier-${sha256(earlier).slice(0, 8)}${name.slice(dot)}`;
    renameSync(path, join(reportDir, aside));
    syncDir(reportDir);
  }
  writeFileDurably(path, text);
  return [file, true];
}
