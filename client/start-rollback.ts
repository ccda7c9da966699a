import { randomBytes } from 'node:crypto';
import { makeRollbackId, rollbackWorkflowId, workflowTypes } from '../contract/ids.ts';
import type { Person, RollbackRequest } from '../contract/rollback.ts';
import { whyNotPossible } from '../runbook/decide-partial.ts';
import type { Scenario } from '../runbook/scenarios.ts';
import { isRecord } from './board.ts';
import { uiLink } from './connect.ts';
import { ClientFailure } from './failures.ts';
import { startInputOf } from './history.ts';
import type { LoadedTarget } from './load-target.ts';
import { personHere } from './person.ts';
import type { RequestOptions } from './request-options.ts';
import { choicesOf, reasonOf } from './request-options.ts';
import type { Session } from './session.ts';
import { parseSince } from './since.ts';
import { dateTime } from './text.ts';

/**
 * What the operator asked for, as the workflow gets it.
 * @throws ClientFailure `usage` for a partial rollback that the target describes nothing for
 */
export function requestOf(
  loaded: LoadedTarget,
  scenario: Scenario,
  options: RequestOptions,
  asker: { readonly now: number; readonly attended: boolean },
): RollbackRequest {
  const { target, hash, environment } = loaded;
  const why = whyNotPossible(scenario, target.partial);
  if (why !== null) throw new ClientFailure('usage', `${why}. Nothing was started.`);
  return {
    environment,
    rollbackId: makeRollbackId(environment, asker.now, salt()),
    scenario,
    reason: reasonOf(options),
    by: personHere(),
    clockFrom: options.since === undefined ? new Date(asker.now).toISOString() : parseSince(options.since, asker.now),
    yes: options.yes === true,
    agreedPlan: options.plan ?? null,
    attended: asker.attended,
    security: options.security === true,
    choices: choicesOf(
      options,
      target.data.map(({ name }) => name),
    ),
    target,
    targetHash: hash,
    resume: false,
    timeScale: options.timeScale ?? 1,
  };
}

export function salt(): string {
  return randomBytes(4).toString('hex').slice(0, 4);
}

/**
 * Starts the rollback workflow; containment needs no question, so that nothing waits here.
 * @throws ClientFailure `running` with who, since when and why, when the environment has one already
 */
export async function startRollback(session: Session, request: RollbackRequest): Promise<void> {
  const { connected } = session;
  try {
    await connected.client.workflow.start(workflowTypes.rollback, {
      workflowId: rollbackWorkflowId(request.environment),
      taskQueue: connected.taskQueue,
      args: [request],
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: `Rollback of ${request.environment}: ${request.scenario}`,
      staticDetails: [
        `**${request.reason}**`,
        '',
        `Asked by ${who(request.by)} as ${request.rollbackId}; the clock runs from ${request.clockFrom}.`,
        request.security ? 'Security: the networks of the experiment are cut.' : '',
        'Messages: `rollback answer | pause | resume | cancel | emergency`.',
      ].join('\n'),
    });
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError') throw await running(session);
    throw error;
  }
  session.out.aside(`Rollback ${request.rollbackId} is started; it goes on by itself also when this terminal closes.`);
}

/** The end of `--detach`: where it can be found again. */
export function tellStarted({ connected, out }: Session, request: RollbackRequest): void {
  const link = uiLink(connected, rollbackWorkflowId(request.environment));
  out.lines([
    `Rollback ${request.rollbackId} runs. Follow it: rollback watch --environment ${request.environment}`,
    ...(link === undefined ? [] : [`Temporal UI: ${link}`]),
  ]);
  out.result({
    state: 'running',
    environment: request.environment,
    rollbackId: request.rollbackId,
    ui: link ?? null,
    exitCode: 0,
  });
}

async function running(session: Session): Promise<ClientFailure> {
  const { environment } = session.place;
  const found = await earlierOf(session);
  return new ClientFailure(
    'running',
    found === undefined
      ? `A rollback of ${environment} runs already; nothing was started.`
      : `A rollback of ${environment} runs already: ${found.rollbackId}, started by ${found.by} at ${dateTime(found.since)} (${found.reason}). Nothing was started.`,
    {
      next: ['rollback watch follows it.', 'rollback emergency takes it over.'],
      data: found,
    },
  );
}

/** Who has it, since when and why: from the board, or before the first worker from what it was started with. */
async function earlierOf({ reader }: Session) {
  const view = await reader.read();
  if (view === undefined) return undefined;
  if (view.board !== undefined) {
    const { rollbackId, by, startedAt, reason, scenario } = view.board;
    return { rollbackId, by: who(by), since: startedAt, reason, scenario };
  }
  const input = startInputOf(await reader.handle.fetchHistory());
  if (!isRecord(input)) return undefined;
  const by = input['by'];
  return {
    rollbackId: String(input['rollbackId']),
    by: isRecord(by) ? `${by['account']}@${by['host']}` : 'somebody',
    since: view.startedAt,
    reason: String(input['reason']),
    scenario: String(input['scenario']),
  };
}

function who({ account, host }: Person): string {
  return `${account}@${host}`;
}
