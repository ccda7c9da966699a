import type { VerdictName } from './cap-verdict.ts';
import type { ChecklistItemId } from './checklist.ts';
import { checklistIds, itemOf } from './checklist.ts';

export interface Measurement {
  readonly status: 'pass' | 'fail' | 'unknown' | 'needs-human';
  /** What was measured, in words with numbers. */
  readonly measured: string;
  /** This measurement compares with what a checkpoint records, whatever the table says of the item in general. */
  readonly needsCheckpoint?: boolean;
}

export interface JudgedItem {
  readonly id: ChecklistItemId;
  readonly status: Measurement['status'] | 'not-applicable';
  readonly measured: string;
  readonly required: boolean;
}

export interface Evidence {
  readonly measured: Readonly<Partial<Record<ChecklistItemId, Measurement>>>;
  /** What is not an item and yet must be told: conflicts, questions left open, parts of the data that were refused. */
  readonly exceptions: readonly string[];
  readonly checkpointRecorded: boolean;
  /** Items that do not apply to this target, with the reason. @see itemsOutOfScope */
  readonly outOfScope: Readonly<Partial<Record<ChecklistItemId, string>>>;
}

export interface WorldJudgement {
  readonly verdict: VerdictName;
  /** Why it is not simply `restored`; what weighs most comes first. */
  readonly reasons: readonly string[];
  readonly items: readonly JudgedItem[];
}

/**
 * The verdict (design §4.13). Every required item passes → restored; an optional one open, or anything else to tell →
 * restored-with-exceptions; a required one unknown → not-proven; a required one failed → failed.
 *
 * Four decisions. Data that were left as they are by policy are normal life and no exception (§4.4); what was asked and
 * not answered, what sources disagree about, and what was refused are. An item that nobody measured is unknown: an empty
 * list proves nothing. One that does not apply to the target is neither proven nor open, and says so. Without a recorded
 * checkpoint, items that need one become optional; they stay open, so the verdict is at most restored-with-exceptions.
 */
export function judge(evidence: Evidence): WorldJudgement {
  const items = checklistIds.map((id) => judgeItem(id, evidence));
  const open = items.filter(({ status }) => status !== 'pass' && status !== 'not-applicable');
  const failed = open.filter((item) => item.required && item.status === 'fail');
  const unproven = open.filter((item) => item.required && item.status !== 'fail');
  const optional = open.filter((item) => !item.required);
  const reasons = [...[...failed, ...unproven, ...optional].map(sentence), ...evidence.exceptions];
  return { verdict: verdictOf(failed.length, unproven.length, reasons.length), reasons, items };
}

const unmeasured: Measurement = { status: 'unknown', measured: 'was not measured' };

function judgeItem(id: ChecklistItemId, { measured, checkpointRecorded, outOfScope }: Evidence): JudgedItem {
  const why = outOfScope[id];
  if (why !== undefined) return { id, status: 'not-applicable', measured: why, required: false };
  const { required, needsCheckpoint } = itemOf(id);
  const { needsCheckpoint: comparing = false, ...found } = measured[id] ?? unmeasured;
  const provable = checkpointRecorded || !(needsCheckpoint || comparing);
  if (provable) return { id, ...found, required };
  // A failure is one whatever there is to compare with; that something passed cannot be said without the checkpoint.
  return found.status === 'pass'
    ? { id, status: 'unknown', measured: `${found.measured}; no checkpoint is recorded`, required: false }
    : { id, ...found, required: false };
}

function verdictOf(failed: number, unproven: number, told: number): VerdictName {
  if (failed > 0) return 'failed';
  if (unproven > 0) return 'not-proven';
  return told > 0 ? 'restored-with-exceptions' : 'restored';
}

function sentence({ id, status, measured }: JudgedItem): string {
  return `${itemOf(id).title}: ${said[status]}, ${measured}`;
}

const said = {
  pass: 'passes',
  fail: 'failed',
  unknown: 'unknown',
  'needs-human': 'needs a human',
  'not-applicable': 'does not apply',
} as const;
