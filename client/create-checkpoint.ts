import type { CheckpointRequest, CheckpointResult } from '../contract/checkpoint.ts';
import { checkpointWorkflowId, makeRollbackId, workflowTypes } from '../contract/ids.ts';
import { checkpointSteps } from '../runbook/checkpoint-steps.ts';
import { followSteps } from './follow-steps.ts';
import type { LoadedTarget } from './load-target.ts';
import { personHere } from './person.ts';
import type { Session } from './session.ts';
import { salt } from './start-rollback.ts';

/**
 * Runs the checkpoint workflow and tells each step as it begins.
 * @throws WorkflowFailedError when the environment is held by a rollback or another checkpoint
 */
export async function createCheckpoint(
  session: Session,
  loaded: LoadedTarget,
  order: { readonly why: string; readonly timeScale: number },
): Promise<CheckpointResult> {
  const { environment, target, hash } = loaded;
  const checkpointId = makeRollbackId('checkpoint', Date.now(), salt());
  const request: CheckpointRequest = {
    environment,
    checkpointId,
    by: personHere(),
    why: order.why,
    target,
    targetHash: hash,
    timeScale: order.timeScale,
  };
  const handle = await session.connected.client.workflow.start(workflowTypes.checkpoint, {
    workflowId: checkpointWorkflowId(environment, checkpointId),
    taskQueue: session.connected.taskQueue,
    args: [request],
    staticSummary: `Checkpoint of ${environment}: ${order.why}`,
  });
  return followSteps<CheckpointResult>(handle, session.out, checkpointSteps);
}
