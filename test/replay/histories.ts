import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';

const folder = fileURLToPath(new URL('./histories/', import.meta.url));

/** A recorded history by its file's name: `<version>/<scene>.<workflow type>[-n].json`. */
export interface RecordedHistory {
  readonly name: string;
  readonly type: string;
  read(): ReturnType<typeof historyFromJSON>;
}

export function recordedHistories(): readonly RecordedHistory[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name))
    .map((file) => ({
      name: relative(folder, file),
      type: /\.([a-zA-Z]+)(-\d+)?\.json$/.exec(file)?.[1] ?? file,
      read: () => historyFromJSON(JSON.parse(readFileSync(file, 'utf8'))),
    }));
}
