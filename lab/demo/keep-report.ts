import { cpSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RollbackLayout } from '../../vault/layout.ts';

/** Copies the report to where the removal of the practice system does not reach. @returns the folder */
export function keepReport({ reportDir, rollbackId }: RollbackLayout): string {
  const folder = join(tmpdir(), 'durable-rollback-demo', rollbackId);
  mkdirSync(folder, { recursive: true });
  cpSync(reportDir, folder, { recursive: true });
  return folder;
}
