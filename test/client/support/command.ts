import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { execa } from 'execa';
import { inject } from 'vitest';
import type { Board } from '../../../contract/board.ts';
import { boardKey } from '../../../contract/board.ts';
import { rollbackWorkflowId, taskQueueOf } from '../../../contract/ids.ts';
import { ensureBuild } from '../../../setup/build.mjs';
import { pollUntil } from '../../support/poll.ts';
import type { ScriptedActs } from '../../support/scripted-acts.ts';
import { workflowBundle } from '../../support/workflow-bundle.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
export const main = join(root, 'dist', 'client', 'main.js');

/** The command is tested as users have it: built. */
export const built = ensureBuild;

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Beside {
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
}

/** A user with a target file, a state folder and the test server. */
export interface Desk {
  readonly environment: string;
  readonly folder: string;
  readonly stateRoot: string;
  readonly targetFile: string;
  readonly client: Client;
  readonly handle: WorkflowHandle;
  /** Runs `rollback …` to its end; never rejects. */
  rollback(...args: readonly string[]): Promise<Ended>;
  /** With other environment variables; undefined takes one away. */
  rollbackWith(env: Readonly<Record<string, string | undefined>>, ...args: readonly string[]): Promise<Ended>;
  /** Starts it and lets it run beside the test. */
  beside(...args: readonly string[]): Beside;
  board(): Promise<Board | undefined>;
  boardWhere(is: (board: Board) => boolean): Promise<Board>;
  /** Scripted acts take the environment's work as long as `use` runs. */
  withWorker<T>(acts: ScriptedActs, use: () => Promise<T>): Promise<T>;
}

/** Hands a desk over and takes all of it away again. */
export async function withDesk(use: (desk: Desk) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'client-test-'));
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  const desk = deskIn(folder, new Client({ connection }));
  try {
    await use(desk);
  } finally {
    await desk.handle.terminate('the test is over').catch(ignoreEnded);
    await connection.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function deskIn(folder: string, client: Client): Desk {
  const environment = `desk-${randomUUID().slice(0, 8)}`;
  const stateRoot = join(folder, 'state');
  const targetFile = join(folder, 'rollback.yaml');
  writeFileSync(targetFile, runbookTarget().replace(/^environment: .*$/m, `environment: ${environment}`));
  const handle = client.workflow.getHandle(rollbackWorkflowId(environment));
  const run = (args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}) =>
    execa(process.execPath, [main, ...args], {
      cwd: folder,
      env: {
        TEMPORAL_ADDRESS: inject('temporalAddress'),
        TEMPORAL_NAMESPACE: 'default',
        TEMPORAL_PROFILE: undefined,
        ROLLBACK_STATE_DIR: stateRoot,
        ROLLBACK_WORKER_HOST: undefined,
        FORCE_COLOR: undefined,
        ...env,
      },
      stdin: 'ignore',
      reject: false,
      timeout: 100_000,
    });
  const ended = async (child: ReturnType<typeof run>): Promise<Ended> => {
    const { exitCode, stdout, stderr } = await child;
    return { code: exitCode ?? -1, stdout: String(stdout), stderr: String(stderr) };
  };
  const board = async () => (await handle.describe()).memo?.[boardKey] as Board | undefined;
  return {
    environment,
    folder,
    stateRoot,
    targetFile,
    client,
    handle,
    rollback: (...args) => ended(run(args)),
    rollbackWith: (env, ...args) => ended(run(args, env)),
    beside(...args) {
      const child = run(args);
      return { ended: ended(child), kill: (signal) => void child.kill(signal) };
    },
    board,
    boardWhere: async (is) => {
      const seen = await pollUntil(
        'the board to be as wanted',
        () => board().catch(ignoreNotThere),
        (now) => now !== undefined && is(now),
      );
      if (seen === undefined) throw new Error('There is no board.');
      return seen;
    },
    async withWorker(acts, use) {
      const native = await NativeConnection.connect({ address: inject('temporalAddress') });
      try {
        const worker = await Worker.create({
          connection: native,
          taskQueue: taskQueueOf(environment, hostname()),
          workflowBundle: await workflowBundle(),
          activities: acts.activities,
        });
        return await worker.runUntil(use);
      } finally {
        await native.close();
      }
    },
  };
}

function runbookTarget(): string {
  return readFileSync(join(root, 'target', 'openviking.yaml'), 'utf8');
}

function ignoreEnded(error: unknown): void {
  if (!(error instanceof Error)) throw error;
}

/** The workflow is there a moment after the command that starts it. */
function ignoreNotThere(error: unknown): undefined {
  if (!(error instanceof Error) || error.name !== 'WorkflowNotFoundError') throw error;
  return undefined;
}
