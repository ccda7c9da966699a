import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const packageFile = z.object({ name: z.string(), version: z.string() });

export function sdkVersion(): string {
  return versionIn(createRequire(import.meta.url).resolve('@temporalio/worker/package.json'));
}

/** Of this package: its file lies above the sources, and above what is built of them. */
export function productVersion(folder = dirname(fileURLToPath(import.meta.url))): string {
  try {
    return versionIn(join(folder, 'package.json'));
  } catch (error) {
    if (folder === dirname(folder)) throw error;
    return productVersion(dirname(folder));
  }
}

function versionIn(file: string): string {
  return packageFile.parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
