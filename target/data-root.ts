import { z } from 'zod';
import { restorePolicies } from '../runbook/decide-root.ts';
import { argv, composeName, durationOr, glob, name, path } from './values.ts';

/** Runbook 2.1: what tells sound data from corrupt ones (design §1, "corrupt"). */
const integrityCheck = z.discriminatedUnion('kind', [
  filesCheck('json', 'Every match parses as JSON.'),
  filesCheck('sqlite', "Every match passes SQLite's integrity check, together with its journal files."),
  filesCheck('exists', 'Every pattern matches something.'),
  filesCheck('nonempty', 'No match is empty.'),
  filesCheck('immutable', 'Every match is as in the checkpoint.'),
  z
    .strictObject({ kind: z.literal('command'), command: argv, timeout: durationOr('60s') })
    .describe('A command that ends with exit code 0 when the data are sound; run in the data root, without a shell.'),
]);

function filesCheck<K extends string>(kind: K, text: string) {
  return z
    .strictObject({ kind: z.literal(kind), files: z.array(glob).min(1, 'at least one pattern').readonly() })
    .describe(text);
}

const command = z.strictObject({ command: argv, timeout: durationOr('10m') });

const restore = z
  .enum(restorePolicies)
  .default('when-corrupt')
  .describe('When the data go back: only when corrupt (default), always, never, or after a question.');

const common = {
  name: name.describe('Name of this data root in plans, questions and reports.'),
  restore,
  checks: z.array(integrityCheck).default([]).readonly(),
};

const files = {
  ...common,
  backups: z
    .array(glob)
    .default(['*.backup'])
    .readonly()
    .describe('Backup files of single files: the pattern ends in what is cut off to name the original.'),
  exclude: z
    .array(glob)
    .default([])
    .readonly()
    .describe('Sockets, pid files and caches that are no data: neither compared nor restored.'),
};

/** One body of data (design §1, "data root"). */
export const dataRoot = z.discriminatedUnion('kind', [
  z.strictObject({
    ...files,
    kind: z.literal('path'),
    path: path.describe('Folder; relative to the repository, or ~/…'),
  }),
  z.strictObject({ ...files, kind: z.literal('volume'), volume: composeName.describe('Name of the Docker volume.') }),
  z.strictObject({
    ...common,
    kind: z.literal('dump'),
    dump: command.describe('Writes all data to standard output.'),
    load: command.describe('Reads what dump wrote from standard input and puts it in place of the present data.'),
    verify: command.optional().describe('Ends with exit code 0 when the data are sound.'),
  }),
]);
