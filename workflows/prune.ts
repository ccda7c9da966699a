import { ActivityCancellationType, CancellationScope, proxyActivities } from '@temporalio/workflow';
import type { PruneActivities } from '../contract/activities.ts';
import type { PruneRequest, PruneResult } from '../contract/checkpoint.ts';
import { heartbeatMs, retryInterval } from '../runbook/timeouts.ts';

const retry = { initialInterval: retryInterval.initialMs, maximumInterval: retryInterval.maximumMs };

const { pruneCheckpoints } = proxyActivities<PruneActivities>({
  startToCloseTimeout: '30m',
  scheduleToCloseTimeout: '2h',
  heartbeatTimeout: heartbeatMs,
  retry: { ...retry, maximumAttempts: 3 },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  summary: 'Free checkpoints that nothing needs',
});

const { releasePrune } = proxyActivities<PruneActivities>({
  startToCloseTimeout: '20s',
  scheduleToCloseTimeout: '10m',
  heartbeatTimeout: heartbeatMs,
  retry,
  summary: 'Release the environment',
});

/** Frees checkpoints under lock and epoch; what became of each stands in the result. */
export async function prune(request: PruneRequest): Promise<PruneResult> {
  try {
    return await pruneCheckpoints(request);
  } finally {
    await CancellationScope.nonCancellable(() => releasePrune(request));
  }
}
