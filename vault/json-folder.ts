import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from './durable-file.ts';
import { errorCode } from './errors.ts';

/** Contents of every `.json` file of a folder, in order of their names; none where the folder is not there. */
export function readJsonFolder(dir: string): readonly unknown[] {
  return namesIn(dir).flatMap((name) => {
    const text = readIfThere(join(dir, name));
    return text === undefined ? [] : [JSON.parse(text) as unknown];
  });
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
