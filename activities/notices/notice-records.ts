import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { NoticeRecord } from '../../contract/notices.ts';
import { type NoticeEvent, noticeEvents } from '../../runbook/notices.ts';
import { ensureDir, readIfThere, writeFileDurably } from '../../vault/durable-file.ts';
import { errorCode } from '../../vault/errors.ts';
import type { RollbackLayout } from '../../vault/layout.ts';

const recordSchema = z.object({
  format: z.literal(1),
  key: z.string(),
  event: z.custom<NoticeEvent>((value) => typeof value === 'string' && value in noticeEvents),
  channel: z.string(),
  at: z.string(),
  state: z.enum(['sending', 'sent', 'failed']),
  tries: z.number(),
  said: z.string(),
  lastAt: z.string(),
}) satisfies z.ZodType<NoticeRecord>;

/** One file for each notice and channel: tries of different channels never meet. */
function pathOf({ noticesDir }: RollbackLayout, key: string, channel: string): string {
  return join(noticesDir, `${key.replaceAll('/', '.')}.${channel}.json`);
}

export function readNoticeRecord(files: RollbackLayout, key: string, channel: string): NoticeRecord | undefined {
  const text = readIfThere(pathOf(files, key, channel));
  return text === undefined ? undefined : recordSchema.parse(JSON.parse(text));
}

export function writeNoticeRecord(files: RollbackLayout, record: NoticeRecord): void {
  ensureDir(files.noticesDir);
  writeFileDurably(pathOf(files, record.key, record.channel), `${JSON.stringify(record)}\n`);
}

/** What became of every notice of a rollback, oldest first; none where there never was one. */
export function noticeRecords(files: RollbackLayout): readonly NoticeRecord[] {
  return namesIn(files.noticesDir)
    .map((name) => recordSchema.parse(JSON.parse(readIfThere(join(files.noticesDir, name)) ?? 'null')))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
