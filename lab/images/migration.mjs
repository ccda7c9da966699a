import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { log } from './http.mjs';

/**
 * The experiment's migration of the skills into its own format. It keeps the original beside it as `*.backup` and
 * writes in place, without a temporary file: a death in the middle leaves converted files, a torn one and untouched ones.
 */
export async function migrate(folder, { stopAfter }) {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const done = [];
  for (const name of names.sort()) {
    const path = join(folder, name, 'skill.json');
    const { name: title, ...rest } = JSON.parse(await readFile(path, 'utf8'));
    const text = `${JSON.stringify({ ...rest, format: 'openviking/2', title }, null, 2)}\n`;
    await copyFile(path, `${path}.backup`);
    if (done.length === stopAfter) {
      await writeFile(path, text.slice(0, Math.floor(text.length / 2)));
      log('ERROR', `migration died while it wrote ${path}`);
      return { state: 'died', done, torn: name, of: names.length };
    }
    await writeFile(path, text);
    log('INFO', `migrated ${path}`);
    done.push(name);
  }
  return { state: 'done', done, of: names.length };
}
