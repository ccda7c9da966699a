import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, type Result } from 'execa';
import type { Judgement } from '../../../contract/records.ts';
import { nameExists, readIfThere } from '../../../vault/durable-file.ts';
import { errorCode } from '../../../vault/errors.ts';
import { readJournal } from '../../../vault/journal.ts';
import type { JournalRecord } from '../../../vault/journal-record.ts';
import { environmentLayout, type RollbackLayout } from '../../../vault/layout.ts';
import { pollUntil } from '../../support/poll.ts';

const main = fileURLToPath(new URL('../../../dist/client/main.js', import.meta.url));

/** What an operator must know of a system to roll it back, whatever kind of system it is. */
export interface Operated {
  readonly environment: string;
  readonly targetFile: string;
  /** Where the command is typed. */
  readonly folder: string;
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The `rollback` command as a user has it, and what it leaves in the state folder. */
export interface Operator {
  /** Runs the command to its end; never rejects, tests look at the code. */
  rollback(...args: readonly string[]): Promise<Ended>;
  /** The same in a changed environment. */
  rollbackWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ended>;
  /** Starts the command and lets it run beside the test. */
  beside(...args: readonly string[]): Beside;
  /** Files of the only rollback, once there is one. */
  files(): RollbackLayout;
  journal(): readonly JournalRecord[];
  judgement(): Judgement;
  /** Waits until the journal of the rollback has such a record. */
  journalHas(what: string, is: (record: JournalRecord) => boolean): Promise<void>;
}

export interface Ended {
  readonly code: number;
  /** Standard output and standard error. */
  readonly text: string;
  /** Parsed standard output of a command with `--json`. */
  readonly json: unknown;
}

export interface Beside {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
}

export function operatorOf({ environment, targetFile, folder, stateDir, env: own }: Operated): Operator {
  const layout = environmentLayout(stateDir, environment);
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    execa(process.execPath, [main, ...args, '--target', targetFile], {
      cwd: folder,
      env: { ...own, TEMPORAL_ADDRESS: undefined, TEMPORAL_PROFILE: undefined, CI: 'true', ...env },
      stdin: 'ignore',
      reject: false,
      timeout: 300_000,
    });
  const ids = (): readonly string[] => {
    try {
      return readdirSync(layout.rollbacksDir);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
  };
  const files = (): RollbackLayout => {
    const [id, ...others] = ids();
    if (id === undefined || others.length > 0) throw new Error(`Expected one rollback, found: ${ids().join(', ')}`);
    return layout.rollback(id);
  };
  const journal = () => (ids().length > 0 && nameExists(files().journal) ? readJournal(files().journal).records : []);
  return {
    rollback: async (...args) => endedOf(await run(args)),
    rollbackWith: async (env, ...args) => endedOf(await run(args, env)),
    beside(...args) {
      const child = run(args);
      return {
        pid: child.pid ?? 0,
        ended: child.then(endedOf),
        kill: (signal) => void child.kill(signal),
      };
    },
    files,
    journal,
    judgement() {
      const text = readIfThere(join(files().reportDir, 'judgement.json'));
      if (text === undefined) throw new Error('There is no judgement yet.');
      return JSON.parse(text) as Judgement;
    },
    journalHas: async (what, is) => {
      await pollUntil(
        what,
        () => journal().some(is),
        (found) => found,
        120_000,
      );
    },
  };
}

function endedOf({ exitCode, stdout, stderr }: Result): Ended {
  const out = String(stdout);
  return { code: exitCode ?? -1, text: `${out}\n${String(stderr)}`, json: parsed(out) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Only a command with --json prints JSON.
    return undefined;
  }
}
