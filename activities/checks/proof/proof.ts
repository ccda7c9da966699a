import type { CheckpointRecord, ContainmentPlan, RecoveryPlan } from '../../../contract/records.ts';
import type { ChecklistItemId } from '../../../runbook/checklist.ts';
import type { Measurement } from '../../../runbook/judge.ts';

/** What the judgement may know beforehand: what should be, never what a step said it did (design §4.13). */
export interface Known {
  readonly checkpoint: CheckpointRecord | null;
  /** Ids of the containers that were found; undefined when no plan was made. */
  readonly containment: ContainmentPlan | undefined;
  /** Which data had to go back; undefined when no plan was made, or another than the one carried out lies there. */
  readonly recovery: RecoveryPlan | undefined;
}

/** What one look at the world says about items of the checklist. */
export interface Proof {
  readonly items: Readonly<Partial<Record<ChecklistItemId, Measurement>>>;
  /** To be told beside the items. */
  readonly exceptions?: readonly string[];
  /** Raw, for the evidence. */
  readonly seen: unknown;
}

/** All must pass; one failure fails, else one unknown leaves it unknown. */
export function allOf(measurements: readonly Measurement[], none: string): Measurement {
  if (measurements.length === 0) return { status: 'unknown', measured: none };
  const open = measurements.filter(({ status }) => status !== 'pass');
  const failed = open.find(({ status }) => status === 'fail');
  const told = open.length > 0 ? open : measurements;
  return {
    status: failed?.status ?? open[0]?.status ?? 'pass',
    ...(told.every(({ needsCheckpoint }) => needsCheckpoint === true) ? { needsCheckpoint: true } : {}),
    measured: few(told.map(({ measured }) => measured)),
  };
}

/** Sentences in one line, cut: the rest is in the evidence. */
export function few(texts: readonly string[], most = 6): string {
  const rest = texts.length - most;
  return rest <= 0 ? texts.join('; ') : `${texts.slice(0, most).join('; ')}; and ${rest} more`;
}
