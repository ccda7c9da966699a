import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { undoWorkflowId, workflowTypes } from '../contract/ids.ts';
import type { UndoRequest, UndoResult } from '../contract/undo.ts';
import { undoSteps } from '../runbook/undo-steps.ts';
import { readIfThere } from '../vault/durable-file.ts';
import { boardOf } from './board.ts';
import { ClientFailure } from './failures.ts';
import { followSteps } from './follow-steps.ts';
import { personHere } from './person.ts';
import { readRollback } from './rollback-files.ts';
import type { Session } from './session.ts';

/**
 * The undo of a rollback as the workflow gets it, with the target of then.
 * @throws ClientFailure `not-found` when this host knows no such rollback
 */
export function undoRequestOf(
  { place }: Pick<Session, 'place'>,
  wanted: string | undefined,
  why: string,
): Omit<UndoRequest, 'yes' | 'agreedPlan'> {
  const found = readRollback(place, wanted);
  const text = found === undefined ? undefined : readIfThere(found.files.target);
  if (found === undefined || text === undefined) {
    throw new ClientFailure(
      'not-found',
      wanted === undefined
        ? `There is no rollback of ${place.environment} on this host; nothing was undone.`
        : `${place.environment} has no rollback ${wanted} on this host; nothing was undone.`,
      { next: ['rollback report --list shows the rollbacks of this host.'] },
    );
  }
  // Written by openRollback; the workflow holds the target against its hash.
  const { target, hash } = JSON.parse(text) as { readonly target: UndoRequest['target']; readonly hash: string };
  return {
    environment: place.environment,
    rollbackId: found.rollbackId,
    by: personHere(),
    why,
    target,
    targetHash: hash,
    timeScale: found.request?.timeScale ?? 1,
  };
}

/** @throws ClientFailure `running` while a rollback of the environment is at work */
export async function refuseWhileRunning({ reader, place }: Session): Promise<void> {
  const running = await reader.describe();
  if (running?.status.name !== 'RUNNING') return;
  const id = boardOf(running.memo)?.rollbackId ?? 'A rollback';
  throw new ClientFailure('running', `${id} of ${place.environment} is at work; nothing was undone.`, {
    next: ['rollback cancel ends it after the step at work; then it can be undone.', 'rollback watch follows it.'],
  });
}

/** Starts the undo, or joins the one that is at work, and follows it to its end. */
export async function runUndo(session: Session, request: UndoRequest): Promise<UndoResult> {
  const { client, taskQueue } = session.connected;
  const workflowId = undoWorkflowId(request.environment, request.rollbackId);
  try {
    await client.workflow.start(workflowTypes.undo, {
      workflowId,
      taskQueue,
      args: [request],
      staticSummary: `Undo of ${request.rollbackId}: ${request.why}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    session.out.aside('An undo of this rollback is at work already; this one follows it.');
  }
  return followSteps<UndoResult>(client.workflow.getHandle(workflowId), session.out, undoSteps);
}
