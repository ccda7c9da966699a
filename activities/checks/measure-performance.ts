import type { StepResult } from '../../contract/step.ts';
import { findRecord, readCheckpoint } from '../kernel/records.ts';
import type { ActBody } from '../kernel/room.ts';
import { judgeMeasured } from './judge-measured.ts';
import { keepEvidence } from './keep-evidence.ts';
import { type Measured, measure } from './measure.ts';

/** Runbook 3.2 "Performance Validation" and `docker stats`: against the baseline of the checkpoint. */
export const measurePerformance: ActBody = async (room) => {
  const baseline = readCheckpoint(room)?.baseline ?? null;
  const notBefore = findRecord(room, 'containment')?.at;
  const measured = await measure(room, room.target.performance.samples, notBefore);
  const items = Object.values(judgeMeasured(room.target, measured, baseline));
  const failed = items.filter((item) => item.status === 'fail');
  const unknown = items.filter((item) => item.status === 'unknown');
  const file = keepEvidence(room, 'checks/performance.json', { measured, baseline, items });
  const told = failed.length > 0 ? failed : unknown.length > 0 ? unknown : items;
  return {
    outcome: failed.length > 0 ? 'failed' : unknown.length > 0 ? 'unknown' : 'done',
    reason: told.map((item) => item.measured).join('; '),
    figures: figuresOf(measured),
    files: [file],
  };
};

function figuresOf({ samples, responseTimeMs, memoryBytes, cpuPercent, errorRate }: Measured): StepResult['figures'] {
  const number = (value: number | undefined | null) =>
    value === undefined || value === null ? 'unknown' : Math.round(value * 100) / 100;
  return {
    samples,
    responseTimeMs: number(responseTimeMs?.median),
    memoryBytes: number(memoryBytes?.median),
    cpuPercent: number(cpuPercent?.median),
    errorRate: number(errorRate),
  };
}
