import {
  ActivityCancellationType,
  CancellationScope,
  isCancellation,
  proxyActivities,
  sleep,
} from '@temporalio/workflow';
import type { NoticeActivities } from '../contract/notices.ts';
import type { RollbackRequest } from '../contract/rollback.ts';
import { heartbeatMs } from '../runbook/timeouts.ts';

const { pingDeadMan } = proxyActivities<NoticeActivities>({
  startToCloseTimeout: '12h',
  heartbeatTimeout: heartbeatMs,
  retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '30s' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  summary: 'Tell the dead man’s switch that the rollback lives',
});

/** While a rollback is open somebody outside hears a sign of life: its silence tells that the rescuer died. */
export function keepDeadManQuiet({ environment, rollbackId, targetHash, target }: RollbackRequest): { cancel(): void } {
  if (target.notices.deadMan === null) return { cancel: () => undefined };
  const scope = new CancellationScope();
  void scope
    .run(async () => {
      for (;;) {
        await pingDeadMan({ environment, rollbackId, targetHash }).catch((error: unknown) => {
          if (isCancellation(error)) throw error;
        });
        await sleep('1m', { summary: 'Until the dead man’s switch is told again' });
      }
    })
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  return { cancel: () => scope.cancel() };
}
