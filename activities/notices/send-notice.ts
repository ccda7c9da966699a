import { Context } from '@temporalio/activity';
import type { NoticeInput } from '../../contract/notices.ts';
import type { NoticeRecord } from '../../runbook/notice-record.ts';
import { environmentLayout } from '../../vault/layout.ts';
import { asActFailure } from '../kernel/act.ts';
import { ActFailure, toApplicationFailure } from '../kernel/failures.ts';
import { targetOfRollback } from '../kernel/target-of-rollback.ts';
import type { World } from '../kernel/world.ts';
import { type Channel, deliver } from './channels.ts';
import { readNoticeRecord, writeNoticeRecord } from './notice-records.ts';

/**
 * One try to hand one notice to one channel. A notice that is known to have arrived is not sent again; one whose last try
 * ended without an answer is sent under the same key, and a mail says so.
 *
 * A channel that refuses is not the end: the next try comes later. Only an unknown channel or target ends it for good.
 */
export async function sendNotice(world: World, { notice, channel, targetHash }: NoticeInput): Promise<NoticeRecord> {
  const files = environmentLayout(world.stateRoot, notice.environment).rollback(notice.rollbackId);
  const now = (): string => new Date(world.now()).toISOString();
  try {
    const known = readNoticeRecord(files, notice.key, channel);
    if (known?.state === 'sent') return known;
    const settings = channelOf(targetOfRollback(files, targetHash).notices.channels, channel);
    const tries = (known?.tries ?? 0) + 1;
    const base = { format: 1, key: notice.key, event: notice.event, channel, at: notice.at, tries } as const;
    const keep = (state: NoticeRecord['state'], said: string): NoticeRecord => {
      const record = { ...base, state, said, lastAt: now() };
      writeNoticeRecord(files, record);
      return record;
    };
    keep('sending', known?.said ?? '');
    try {
      const said = await deliver(settings, {
        world,
        notice,
        signal: Context.current().cancellationSignal,
        perhapsSent: known !== undefined,
      });
      return keep('sent', said);
    } catch (error) {
      keep('failed', asActFailure(error).message);
      throw error;
    }
  } catch (error) {
    throw toApplicationFailure(asActFailure(error));
  }
}

function channelOf(channels: readonly Channel[], name: string): Channel {
  const found = channels.find((channel) => channel.name === name);
  if (found !== undefined) return found;
  throw new ActFailure('refused', `The target has no channel ${name}; the notice was not sent there.`);
}
