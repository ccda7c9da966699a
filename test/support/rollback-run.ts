import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { AnswerMessage, Board, Message, ScopeMessage } from '../../contract/board.ts';
import { boardKey } from '../../contract/board.ts';
import { rollbackWorkflowId, signalNames, workflowTypes } from '../../contract/ids.ts';
import type { RollbackRequest, RollbackResult } from '../../contract/rollback.ts';
import type { ScopeName } from '../../runbook/decide-choice.ts';
import type { Target } from '../../target/schema.ts';
import { pollUntil } from './poll.ts';
import type { ScriptedActs } from './scripted-acts.ts';
import { workflowBundle } from './workflow-bundle.ts';

export interface RollbackRun {
  readonly handle: WorkflowHandle;
  readonly result: () => Promise<RollbackResult>;
  readonly board: () => Promise<Board>;
  /** Waits until the board says so. */
  readonly boardWhere: (is: (board: Board) => boolean) => Promise<Board>;
  readonly answer: (option: string, questionId?: string) => Promise<void>;
  /** Makes it another rollback, and hands over what it said of that. */
  readonly choose: (scope: ScopeName, preview?: boolean) => Promise<string>;
  readonly send: (
    kind: 'pause' | 'resume' | 'cancel' | 'emergency' | 'acknowledge',
    requestId?: string,
  ) => Promise<void>;
}

const me = { account: 'tester', uid: 1000, host: 'here' };

/** Runs any other workflow to its end, and hands it over closed: its history is whole then. */
export async function withClosedWorkflow<T>(
  activities: object,
  workflow: { readonly type: string; readonly args: readonly unknown[] },
  use: (handle: WorkflowHandle) => Promise<T>,
): Promise<T> {
  const taskQueue = `test-${randomUUID()}`;
  const server = await connect(undefined);
  try {
    const worker = await Worker.create({
      connection: server.native,
      taskQueue,
      workflowBundle: await workflowBundle(),
      activities,
    });
    return await worker.runUntil(async () => {
      const handle = await server.client.workflow.start(workflow.type, {
        workflowId: `${workflow.type}/${randomUUID()}`,
        taskQueue,
        args: [...workflow.args],
      });
      await handle.result();
      return use(handle);
    });
  } finally {
    await server.close();
  }
}

/** Runs one rollback workflow with scripted acts on the test server, hands it to the test, and cleans up after it. */
export async function withRollback<T>(
  acts: ScriptedActs,
  request: Partial<RollbackRequest>,
  use: (run: RollbackRun) => Promise<T>,
  options: { readonly maxCachedWorkflows?: number; readonly server?: TestWorkflowEnvironment } = {},
): Promise<T> {
  const taskQueue = `test-${randomUUID()}`;
  const server = await connect(options.server);
  try {
    const worker = await Worker.create({
      connection: server.native,
      taskQueue,
      workflowBundle: await workflowBundle(),
      activities: acts.activities,
      ...(options.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: options.maxCachedWorkflows }),
    });
    return await worker.runUntil(async () => {
      const environment = request.environment ?? `e-${randomUUID().slice(0, 8)}`;
      const handle = await server.client.workflow.start(workflowTypes.rollback, {
        workflowId: rollbackWorkflowId(environment),
        taskQueue,
        args: [requestOf({ ...request, environment })],
      });
      try {
        return await use(runOf(handle));
      } finally {
        await handle.terminate('the test is over').catch(ignoreEnded);
      }
    });
  } finally {
    await server.close();
  }
}

/** The dev server of all tests, or one that the test has started for itself. */
async function connect(own: TestWorkflowEnvironment | undefined) {
  if (own) return { native: own.nativeConnection, client: own.client, close: async () => undefined };
  const address = inject('temporalAddress');
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  const close = async (): Promise<void> => {
    await native.close();
    await connection.close();
  };
  return { native, client: new Client({ connection }), close };
}

function runOf(handle: WorkflowHandle): RollbackRun {
  const board = async (): Promise<Board> => {
    const { memo } = await handle.describe();
    return memo?.[boardKey] as Board;
  };
  const message = (requestId: string = randomUUID()): Message => ({ requestId, by: me, why: 'test' });
  const boardWhere: RollbackRun['boardWhere'] = (is) =>
    pollUntil('the board to be as wanted', board, (value) => value !== undefined && is(value));
  return {
    handle,
    choose: async (scope, preview = false) => {
      const asked: ScopeMessage = { ...message(), scope, preview };
      await handle.signal(signalNames.scope, asked);
      const { answers } = await boardWhere((now) => now.answers.some((each) => each.requestId === asked.requestId));
      const answer = answers.find((each) => each.requestId === asked.requestId);
      return `${answer?.accepted === true ? 'taken' : 'refused'}: ${answer?.text ?? ''}`;
    },
    result: () => handle.result() as Promise<RollbackResult>,
    board,
    boardWhere,
    answer: async (option, questionId) => {
      const open = questionId ?? (await board()).question?.id ?? 'none';
      const answer: AnswerMessage = { ...message(), questionId: open, option };
      await handle.signal(signalNames.answer, answer);
    },
    send: (kind, requestId) =>
      handle.signal(
        signalNames[kind],
        kind === 'emergency' ? { ...message(requestId), security: false } : message(requestId),
      ),
  };
}

export function requestOf(request: Partial<RollbackRequest>): RollbackRequest {
  const environment = request.environment ?? 'practice';
  return {
    environment,
    rollbackId: `${environment}-20260101t000000z-test`,
    scenario: 'service-disruption',
    reason: 'test',
    by: me,
    clockFrom: new Date().toISOString(),
    yes: true,
    agreedPlan: null,
    attended: true,
    security: false,
    choices: [],
    target: targetStub,
    targetHash: 'target-hash',
    resume: false,
    timeScale: 1,
    ...request,
  };
}

/** When a board said something, in whole minutes of the rollback's clock. */
export function minutesOf(board: Board, text: string, clockFrom: string): readonly number[] {
  return board.notices
    .filter((notice) => notice.text.startsWith(text))
    .map((notice) => Math.round((Date.parse(notice.at) - Date.parse(clockFrom)) / 60_000));
}

/** What the workflow itself reads of a target; the acts are scripted and read nothing. */
export const targetStub = {
  environment: 'practice',
  scripts: { monitor: {} },
  questions: { deadlineMs: 600_000 },
  contacts: [
    {
      level: 1,
      name: 'On call',
      reach: ['+1 555 0100'],
      notify: [],
      acknowledgeMs: 600_000,
      repeats: 1,
      businessHours: null,
    },
  ],
  notices: { channels: [], stakeholders: [], deadMan: null },
  data: [],
  partial: partialStub({}),
  timeTargets: {
    emergency: { targetMs: 300_000, maximumMs: 900_000 },
    'service-disruption': { targetMs: 900_000, maximumMs: 3_600_000 },
    'performance-issues': { targetMs: 1_800_000, maximumMs: 7_200_000 },
    'data-corruption': { targetMs: 3_600_000, maximumMs: 14_400_000 },
  },
} as unknown as Target;

/** The partial rollbacks of a stub; a test of the watch or of a wait says how long it is. */
export function partialStub(times: { readonly watchMs?: number; readonly waitMs?: number }): Target['partial'] {
  return {
    integration: {},
    migration: { waitMs: times.waitMs ?? 600_000 },
    performance: { watch: { forMs: times.watchMs ?? 600_000, everyMs: 100, good: 2 } },
  } as unknown as Target['partial'];
}

function ignoreEnded(error: unknown): void {
  if (!(error instanceof Error)) throw error;
}
