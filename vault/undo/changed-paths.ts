import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeFileDurably } from '../durable-file.ts';
import { RecordDamaged } from '../errors.ts';
import { fromJsonPath, jsonPathSchema, toJsonPath } from '../path-text.ts';

/** A path outside data roots that a rollback is about to change, and what stood there before. */
export interface ChangedPath {
  readonly path: Buffer;
  readonly was: 'absent' | 'file' | 'symlink' | 'dir' | 'other';
  /** Of an absent path: the topmost folder on the way to it that was not there either. */
  readonly firstMissing?: Buffer;
}

const lineSchema = z.object({
  path: jsonPathSchema,
  was: z.enum(['absent', 'file', 'symlink', 'dir', 'other']),
  firstMissing: jsonPathSchema.optional(),
});

/** Writes the list, one JSON line per path: names are bytes. */
export function writeChangedPaths(file: string, changes: readonly ChangedPath[]): void {
  const lines = changes.map(({ path, was, firstMissing }) =>
    JSON.stringify({
      path: toJsonPath(path),
      was,
      ...(firstMissing === undefined ? {} : { firstMissing: toJsonPath(firstMissing) }),
    }),
  );
  writeFileDurably(file, lines.map((line) => `${line}\n`).join(''));
}

/** @throws RecordDamaged when a line is not what was written; ENOENT when there is no list */
export function readChangedPaths(file: string): readonly ChangedPath[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const parsed = lineSchema.safeParse(jsonOr(line));
      if (!parsed.success)
        throw new RecordDamaged({ path: file, why: `a line is no changed path: ${line.slice(0, 80)}` });
      const { path, was, firstMissing } = parsed.data;
      return {
        path: fromJsonPath(path),
        was,
        ...(firstMissing === undefined ? {} : { firstMissing: fromJsonPath(firstMissing) }),
      };
    });
}

function jsonOr(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
