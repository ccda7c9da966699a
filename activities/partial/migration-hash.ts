import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from '../../target/schema.ts';

export type Migration = NonNullable<Target['partial']['migration']>;

/**
 * Digest (hex) of the command and of everything it consists of: while this stays, so does the fault. A file that is
 * missing is part of it: whoever adds it has changed something.
 */
export function migrationHash({ command, files }: Migration): string {
  const hash = createHash('sha256').update(JSON.stringify(command));
  for (const file of [...files].sort()) add(file);
  return hash.digest('hex');

  function add(path: string): void {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    hash.update(`\n${JSON.stringify(path)} `);
    if (stat === undefined) hash.update('missing');
    else if (stat.isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
    else if (stat.isSymbolicLink()) hash.update(`link ${readlinkSync(path)}`);
    else hash.update(`${stat.mode & 0o111} `).update(createHash('sha256').update(readFileSync(path)).digest());
  }
}
