import { judgeLogErrors } from '../../runbook/judge-performance.ts';
import { findRecord, readCheckpoint } from '../kernel/records.ts';
import type { ActBody } from '../kernel/room.ts';
import { countLogErrors } from './count-log-errors.ts';
import { keepEvidence } from './keep-evidence.ts';
import { outcomeOf } from './outcome-of.ts';

/** Runbook, checklist "No error spikes in logs": since the experiment was taken out, against the baseline. */
export const scanLogs: ActBody = async (room) => {
  const counted = await countLogErrors(room, { notBefore: findRecord(room, 'containment')?.at });
  const baseline = readCheckpoint(room)?.baseline?.logErrorsPerMinute ?? null;
  const { status, measured } = judgeLogErrors(counted?.perMinute ?? null, baseline);
  const file = keepEvidence(room, 'checks/log-errors.json', { status, measured, baseline, counted });
  return {
    outcome: outcomeOf[status],
    reason: measured,
    figures: { lines: counted?.lines ?? 0, errors: counted?.errors ?? 0, minutes: counted?.minutes ?? 0 },
    files: [file],
  };
};
