import type { Board } from '../contract/board.ts';
import { escalationCauses } from '../runbook/escalation.ts';
import { type NoticeRecord, noticeRecord } from '../runbook/notice-record.ts';
import { noticeEvents } from '../runbook/notices.ts';
import { readJsonFolder } from '../vault/json-folder.ts';
import type { RollbackLayout } from '../vault/layout.ts';
import type { Style } from './style.ts';
import { clockTime, plural, wrap } from './text.ts';

/** What became of the notices of a rollback on this host, oldest first. */
export function noticesOnDisk({ noticesDir }: Pick<RollbackLayout, 'noticesDir'>): readonly NoticeRecord[] {
  return readJsonFolder(noticesDir)
    .map((content) => noticeRecord.parse(content))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** How many people outside have heard, and which channel has not taken what. */
export function renderDeliveries(records: readonly NoticeRecord[], style: Style): readonly string[] {
  if (records.length === 0) return [];
  const late = records.filter(({ state }) => state !== 'sent');
  const head = `Notices: ${records.length - late.length} of ${records.length} taken by their channels`;
  return [
    late.length === 0 ? style.dim(head) : style.yellow(head),
    ...late.flatMap(({ channel, event, tries, said }) =>
      wrap(`- ${channel}: ${noticeEvents[event].title}, ${plural(tries, 'try', 'tries')}. ${said}`, style.width, '  '),
    ),
  ];
}

/** Who is being called, since when and why, and what ends it. */
export function renderEscalation({ escalation, environment }: Board, style: Style): readonly string[] {
  if (escalation === null) return [];
  const { cause, since, acknowledgedBy } = escalation;
  const why = `People are called since ${clockTime(since)}: ${escalationCauses[cause].text}`;
  return acknowledgedBy === null
    ? [style.yellow(`${why} "rollback ack --environment ${environment}" ends it.`)]
    : [style.dim(`${why} Acknowledged by ${acknowledgedBy}.`)];
}
