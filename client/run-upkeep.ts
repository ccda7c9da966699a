import { makeRollbackId, upkeepWorkflowId, workflowTypes } from '../contract/ids.ts';
import type { UpkeepRequest, UpkeepResult, UpkeepTask } from '../contract/upkeep.ts';
import { upkeepSteps } from '../runbook/upkeep-steps.ts';
import type { ExitName } from './exit-codes.ts';
import { exitCodes } from './exit-codes.ts';
import { followSteps } from './follow-steps.ts';
import type { Output } from './output.ts';
import { personHere } from './person.ts';
import { requireWorker } from './pollers.ts';
import type { Session } from './session.ts';
import { salt } from './start-rollback.ts';

export interface UpkeepOrder {
  readonly task: UpkeepTask;
  readonly why: string;
  readonly yes: boolean;
  readonly agreedPlan: string | null;
  readonly target: UpkeepRequest['target'];
  readonly targetHash: string;
}

/**
 * Runs one upkeep on the environment's worker and follows it to its end.
 * @throws WorkflowFailedError when the environment is held by a rollback
 */
export async function runUpkeep(session: Session, order: UpkeepOrder): Promise<UpkeepResult> {
  const { client, taskQueue } = session.connected;
  const { environment } = session.place;
  await requireWorker(session.connected, session.place);
  const upkeepId = makeRollbackId(order.task.kind, Date.now(), salt());
  const request: UpkeepRequest = { ...order, environment, upkeepId, by: personHere(), timeScale: 1 };
  const handle = await client.workflow.start(workflowTypes.upkeep, {
    workflowId: upkeepWorkflowId(environment, upkeepId),
    taskQueue,
    args: [request],
    staticSummary: `${order.task.kind} of ${environment}: ${order.why}`,
  });
  return followSteps<UpkeepResult>(handle, session.out, upkeepSteps);
}

/** How an upkeep ended, for people and programs. */
export function tellUpkeep(result: UpkeepResult, environment: string, out: Output): ExitName {
  const exit = endings[result.outcome];
  out.lines([...result.lines.map((line) => `- ${line}`), result.reason]);
  out.result({ environment, ...result, exitCode: exitCodes[exit].code });
  return exit;
}

const endings = {
  done: 'ok',
  'already-done': 'ok',
  'needs-agreement': 'waiting',
  failed: 'refused',
} as const satisfies Record<UpkeepResult['outcome'], ExitName>;
