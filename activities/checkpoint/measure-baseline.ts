import { baselineOf, measure } from '../checks/measure.ts';
import type { ActBody } from '../kernel/room.ts';
import { writePart } from './parts.ts';

/**
 * The performance that a rollback has to reach again (runbook 3.2 `--baseline`), measured by the same function that
 * will be held against it: samples with their spread, memory and CPU of the primary container, errors in the logs.
 * @throws ActFailure `no-answer` when something could not be measured: half a baseline would let everything pass
 */
export const measureBaseline: ActBody = async (room) => {
  if (room.target.checks.length === 0) {
    const file = writePart(room, 'baseline', { baseline: null });
    return { outcome: 'skipped', reason: 'The target names no check whose answers could be timed.', files: [file] };
  }
  const baseline = baselineOf(await measure(room, room.target.performance.samples));
  const { samples, responseTimeMs, memoryBytes, cpuPercent, errorRate, logErrorsPerMinute } = baseline;
  const file = writePart(room, 'baseline', { baseline });
  const wrong = errorRate === 0 ? '' : `; ${Math.round(errorRate * 100)} % of the answers were wrong`;
  return {
    outcome: 'done',
    reason: `${samples} samples, median ${Math.round(responseTimeMs.median)} ms${wrong}.`,
    figures: {
      samples,
      responseTimeMs: round(responseTimeMs.median),
      memoryBytes: memoryBytes.median,
      cpuPercent: round(cpuPercent.median),
      errorRate: round(errorRate),
      logErrorsPerMinute: round(logErrorsPerMinute),
    },
    files: [file],
  };
};

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
