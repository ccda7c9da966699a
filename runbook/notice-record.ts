import { z } from 'zod';
import { type NoticeEvent, noticeEvents } from './notices.ts';

/** What became of one notice on one channel, as it is kept beside the rollback. */
export const noticeRecord = z.object({
  format: z.literal(1),
  key: z.string(),
  event: z.custom<NoticeEvent>((value) => typeof value === 'string' && value in noticeEvents),
  channel: z.string(),
  /** ISO instant at which the notice came up. */
  at: z.string(),
  /** `sending`: somebody was at it; whether it arrived is not known until a later try. */
  state: z.enum(['sending', 'sent', 'failed']),
  tries: z.number(),
  /** What the channel said at the last try. */
  said: z.string(),
  lastAt: z.string(),
});

export type NoticeRecord = Readonly<z.output<typeof noticeRecord>>;
