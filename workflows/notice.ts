import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { NoticeActivities, NoticeRequest } from '../contract/notices.ts';
import { noticeRetry } from '../runbook/notices.ts';

/**
 * Delivers one notice to its channels, each for itself: one that hangs keeps no other waiting.
 * @returns channels that have it, and those that were given up after a day
 */
export async function notice(
  request: NoticeRequest,
): Promise<{ readonly sent: readonly string[]; readonly givenUp: readonly string[] }> {
  const sent: string[] = [];
  const givenUp: string[] = [];
  await Promise.all(
    request.channels.map(async (channel) => {
      const { sendNotice } = actsFor(channel);
      try {
        await sendNotice({ notice: request.notice, channel, targetHash: request.targetHash });
        sent.push(channel);
      } catch {
        // Why is in the history and in the record that the act keeps beside the rollback.
        givenUp.push(channel);
      }
    }),
  );
  return { sent, givenUp };
}

function actsFor(channel: string): Pick<NoticeActivities, 'sendNotice'> {
  return proxyActivities<NoticeActivities>({
    startToCloseTimeout: '2m',
    scheduleToCloseTimeout: noticeRetry.giveUp,
    retry: {
      initialInterval: noticeRetry.initial,
      backoffCoefficient: noticeRetry.coefficient,
      maximumInterval: noticeRetry.maximum,
    },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: `Tell ${channel}`,
  });
}
