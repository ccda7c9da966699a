import { ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ObserveActivities } from '../contract/activities.ts';
import type { Observation, ObserveRequest } from '../contract/observe.ts';
import { heartbeatMs } from '../runbook/timeouts.ts';

const { observeHost } = proxyActivities<ObserveActivities>({
  startToCloseTimeout: '10m',
  scheduleToCloseTimeout: '11m',
  heartbeatTimeout: heartbeatMs,
  retry: { maximumAttempts: 2 },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/** What `plan`, `doctor` and `changes` see of the world, on the target's host; changes nothing. */
export async function observe(request: ObserveRequest): Promise<Observation> {
  return observeHost(request, workflowInfo().runId);
}
