import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that goes with its test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'durable-rollback-setup-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function writeAt(file: string, text: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** A command that prints a text. */
export function writeCommand(file: string, prints: string, exitCode = 0): string {
  writeAt(file, `#!/bin/sh\necho '${prints}'\nexit ${exitCode}\n`);
  chmodSync(file, 0o755);
  return file;
}
