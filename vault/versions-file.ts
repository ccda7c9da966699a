import { z } from 'zod';
import { readIfThere, writeFileDurably } from './durable-file.ts';
import { RecordDamaged } from './errors.ts';

/**
 * With what a rollback is carried out. Its histories replay only with the workflow code and the SDK that made them, so
 * that whoever goes on with it after an upgrade has to know (design §3).
 */
const versionsSchema = z.object({
  format: z.literal(1),
  /** Of this package. */
  product: z.string(),
  /** Of the Temporal SDK. */
  sdk: z.string(),
  /** Of the Temporal server. */
  server: z.string(),
  /** SHA-256 (hex) of the bundle of the workflow code. */
  bundle: z.string(),
});

export type Versions = Readonly<z.infer<typeof versionsSchema>>;

/** Name of the file, in the folder of a rollback and of the kept bundles. */
export const versionsName = 'versions.json';

export function writeVersions(path: string, versions: Versions): void {
  writeFileDurably(path, `${JSON.stringify(versionsSchema.parse(versions))}\n`);
}

/** @returns undefined where there is none: an earlier version of this package wrote no such file */
export function readVersions(path: string): Versions | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return versionsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new RecordDamaged({ path, why: error instanceof Error ? error.message : String(error) });
  }
}
