import { randomUUID } from 'node:crypto';
import { observeWorkflowId, workflowTypes } from '../contract/ids.ts';
import type { Observation, ObserveRequest } from '../contract/observe.ts';
import type { Session } from './session.ts';

/** Has the worker look at the target's host; changes nothing. @throws WorkflowFailedError with the worker's reason */
export async function observe<K extends ObserveRequest['kind']>(
  { connected, place }: Session,
  request: ObserveRequest & { readonly kind: K },
): Promise<Extract<Observation, { readonly kind: K }>> {
  return connected.client.workflow.execute(workflowTypes.observe, {
    workflowId: observeWorkflowId(place.environment, randomUUID()),
    taskQueue: connected.taskQueue,
    args: [request],
    staticSummary: `${request.kind} of ${place.environment}: read-only`,
  });
}
