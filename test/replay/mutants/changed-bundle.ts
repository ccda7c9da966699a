import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const project = fileURLToPath(new URL('../../../', import.meta.url));

/** All that workflow code may import (design §2). */
const sources = ['workflows', 'contract', 'runbook', 'target'];

/** One changed file, relative to the project's folder. */
export interface SourceChange {
  readonly file: string;
  change(source: string): string;
}

/** Workflow code as another version of this project would have it: bundled from a copy of the sources with changes. */
export async function changedBundle(...changes: readonly SourceChange[]): Promise<{ readonly code: string }> {
  const copy = mkdtempSync(join(tmpdir(), 'changed-workflows-'));
  try {
    for (const folder of sources) cpSync(join(project, folder), join(copy, folder), { recursive: true });
    symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
    for (const { file, change } of changes) {
      writeFileSync(join(copy, file), change(readFileSync(join(copy, file), 'utf8')));
    }
    return await bundleWorkflowCode({
      workflowsPath: join(copy, 'workflows', 'index.ts'),
      logger: new DefaultLogger('ERROR'),
    });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
