import { join } from 'node:path';
import { type NoticeRecord, noticeRecord } from '../../runbook/notice-record.ts';
import { ensureDir, readIfThere, writeFileDurably } from '../../vault/durable-file.ts';
import { readJsonFolder } from '../../vault/json-folder.ts';
import type { RollbackLayout } from '../../vault/layout.ts';

/** One file for each notice and channel: tries of different channels never meet. */
function pathOf({ noticesDir }: RollbackLayout, key: string, channel: string): string {
  return join(noticesDir, `${key.replaceAll('/', '.')}.${channel}.json`);
}

export function readNoticeRecord(files: RollbackLayout, key: string, channel: string): NoticeRecord | undefined {
  const text = readIfThere(pathOf(files, key, channel));
  return text === undefined ? undefined : noticeRecord.parse(JSON.parse(text));
}

export function writeNoticeRecord(files: RollbackLayout, record: NoticeRecord): void {
  ensureDir(files.noticesDir);
  writeFileDurably(pathOf(files, record.key, record.channel), `${JSON.stringify(record)}\n`);
}

/** What became of every notice of a rollback, oldest first; none where there never was one. */
export function noticeRecords({ noticesDir }: RollbackLayout): readonly NoticeRecord[] {
  return readJsonFolder(noticesDir)
    .map((content) => noticeRecord.parse(content))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
}
