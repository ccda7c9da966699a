import type { ChecklistResult, ItemStatus, Verdict } from '../../contract/rollback.ts';
import type { FileRef } from '../../contract/step.ts';
import type { ChecklistGroup } from '../../runbook/checklist.ts';
import { type ChecklistItemId, checklistIds, itemOf } from '../../runbook/checklist.ts';
import { findRecord } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { keepDocument } from './keep-document.ts';
import { shareableText } from './shareable-text.ts';

/** `report/checklist.json` */
export interface Checklist {
  readonly format: 1;
  readonly rollbackId: string;
  /** When the world was judged; null when it was not. */
  readonly judgedAt: string | null;
  readonly verdict: Verdict | null;
  readonly items: readonly ChecklistLine[];
}

export interface ChecklistLine {
  readonly id: ChecklistItemId;
  readonly group: ChecklistGroup;
  readonly title: string;
  readonly required: boolean;
  readonly status: ItemStatus;
  /** How it is measured. */
  readonly measurement: string;
  /** What was measured. */
  readonly measured: string;
  readonly evidence: string | null;
}

/**
 * Runbook "Rollback Validation Checklist", for people and for machines: every item with what was measured, never one
 * left out. What nobody measured is `unknown`, not passed.
 */
export const writeChecklist: ActBody = async (room) => {
  const checklist = checklistOf(room);
  const kept: readonly (readonly [FileRef, boolean])[] = [
    keepDocument(room, 'checklist.json', `${JSON.stringify(checklist, null, 2)}\n`),
    keepDocument(room, 'checklist.md', renderChecklist(checklist)),
  ];
  const { items } = checklist;
  const count = (status: ItemStatus) => items.filter((item) => item.status === status).length;
  const figures = { items: items.length, pass: count('pass'), fail: count('fail'), unknown: count('unknown') };
  return {
    outcome: kept.some(([, written]) => written) ? 'done' : 'already-done',
    reason:
      `${figures.items} items: ${figures.pass} pass, ${figures.fail} fail, ${figures.unknown} unknown, ` +
      `${count('needs-human')} for a human, ${count('not-applicable')} not applicable.${checklist.judgedAt === null ? ' The world was not judged.' : ''}`,
    figures,
    files: kept.map(([file]) => file),
  };
};

export function checklistOf(room: Room): Checklist {
  const judgement = findRecord(room, 'judgement');
  const clean = shareableText(room);
  const found = new Map<string, ChecklistResult>((judgement?.items ?? []).map((item) => [item.id, item]));
  return {
    format: 1,
    rollbackId: room.input.rollbackId,
    judgedAt: judgement?.at ?? null,
    verdict: judgement?.verdict ?? null,
    items: checklistIds.map((id) => {
      const { group, title, measurement, required } = itemOf(id);
      const result = found.get(id);
      return {
        id,
        group,
        title,
        required: result?.required ?? required,
        status: result?.status ?? 'unknown',
        measurement,
        measured: clean(result?.measured ?? 'was not measured: the world was not judged'),
        evidence: result?.evidence ?? null,
      };
    }),
  };
}

const boxes = { pass: '[x]', fail: '[ ]', unknown: '[ ]', 'needs-human': '[ ]', 'not-applicable': '[-]' } as const;

function renderChecklist(checklist: Checklist): string {
  const { items, judgedAt, rollbackId, verdict } = checklist;
  const groups = [...new Set(items.map(({ group }) => group))];
  return [
    `# Rollback validation checklist: ${rollbackId}`,
    '',
    judgedAt === null
      ? 'The world was not judged: nothing here is proven.'
      : `Judged at ${judgedAt} (UTC), from the world as it was then: **${verdict}**.`,
    ...groups.flatMap((group) => [
      '',
      `## ${group}`,
      '',
      ...items.filter((item) => item.group === group).flatMap(renderItem),
    ]),
    '',
  ].join('\n');
}

function renderItem(item: ChecklistLine): readonly string[] {
  return [
    `- ${boxes[item.status]} **${item.status}** ${item.title}${optional(item)}`,
    `  - measured: ${oneLine(item.measured)}`,
    `  - by: ${item.measurement}`,
    `  - evidence: ${item.evidence === null ? 'none' : `\`${item.evidence}\``}`,
  ];
}

/** What does not apply is neither required nor optional. */
export function optional({ status, required }: Pick<ChecklistResult, 'status' | 'required'>): string {
  return required || status === 'not-applicable' ? '' : ' (optional)';
}

/** A server's words must not become headings of the document. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
