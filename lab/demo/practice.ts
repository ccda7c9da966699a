import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { WorkerInfo } from '../../contract/processes.ts';
import { readIfThere } from '../../vault/durable-file.ts';
import { errorCode } from '../../vault/errors.ts';
import { readJournal } from '../../vault/journal.ts';
import type { JournalRecord } from '../../vault/journal-record.ts';
import { environmentLayout, type RollbackLayout } from '../../vault/layout.ts';
import type { Lab } from '../lab.ts';

/** The built command, as a user has it. */
const main = fileURLToPath(new URL('../../client/main.js', import.meta.url));

export interface CommandEnded {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The practice system from outside: the `rollback` command, and the files that a rollback leaves. */
export interface DemoPractice {
  readonly environment: string;
  /** Runs `rollback …` to its end; each line is handed over as it comes. Never rejects. */
  rollback(args: readonly string[], onLine?: (line: string) => void): Promise<CommandEnded>;
  /** Files of the rollback; undefined until there is one. */
  files(): RollbackLayout | undefined;
  journal(): readonly JournalRecord[];
  worker(): WorkerInfo | undefined;
}

export function practiceOn(lab: Lab): DemoPractice {
  const environment = `lab-${lab.id}`;
  const layout = environmentLayout(lab.stateDir, environment);
  const files = (): RollbackLayout | undefined => {
    const [id] = namesIn(layout.rollbacksDir);
    return id === undefined ? undefined : layout.rollback(id);
  };
  return {
    environment,
    async rollback(args, onLine = () => undefined) {
      const child = execa(process.execPath, [main, ...args, '--target', lab.targetFile], {
        cwd: lab.repository,
        // Whatever server the user has configured: the demo's is its own.
        env: { ...lab.env, TEMPORAL_ADDRESS: undefined, TEMPORAL_PROFILE: undefined },
        stdin: 'ignore',
        reject: false,
        all: true,
      });
      for await (const line of child.iterable({ from: 'all' })) onLine(line);
      const { exitCode, stdout, stderr } = await child;
      return { code: exitCode ?? -1, stdout, stderr };
    },
    files,
    journal() {
      try {
        const found = files();
        return found === undefined ? [] : readJournal(found.journal).records;
      } catch (error) {
        // The folder is there a moment before its journal.
        if (errorCode(error) === 'ENOENT') return [];
        throw error;
      }
    },
    worker() {
      const text = readIfThere(join(layout.root, 'worker.json'));
      return text === undefined ? undefined : (JSON.parse(text) as WorkerInfo);
    },
  };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
