import type { Baseline } from '../../contract/records.ts';
import {
  judgeErrorRate,
  judgeLogErrors,
  judgeNormalRange,
  judgePerformance,
  type PerformanceJudgement,
} from '../../runbook/judge-performance.ts';
import type { Room } from '../kernel/room.ts';
import type { Measured } from './measure.ts';

export type PerformanceItem =
  | 'response-times'
  | 'response-time-limit'
  | 'memory-limit'
  | 'cpu-limit'
  | 'error-rate'
  | 'log-errors';

/** The checklist items of performance from one measurement, by the target's limits. */
export function judgeMeasured(
  { performance: limits }: Room['target'],
  measured: Measured,
  baseline: Baseline | null,
): Readonly<Record<PerformanceItem, PerformanceJudgement>> {
  const { floor } = limits;
  return {
    'response-times': judgeNormalRange(measured.responseTimeMs, baseline?.responseTimeMs ?? null, floor.responseTimeMs),
    'response-time-limit': judgePerformance({
      what: 'response time',
      unit: 'ms',
      measured: measured.responseTimeMs,
      baseline: baseline?.responseTimeMs ?? null,
      limit: { share: limits.responseTime, floor: floor.responseTimeMs },
    }),
    'memory-limit': judgePerformance({
      what: 'memory',
      unit: 'bytes',
      measured: measured.memoryBytes,
      baseline: baseline?.memoryBytes ?? null,
      limit: { share: limits.memory, floor: floor.memoryBytes },
    }),
    'cpu-limit': judgePerformance({
      what: 'CPU',
      unit: '%',
      measured: measured.cpuPercent,
      baseline: baseline?.cpuPercent ?? null,
      limit: { share: limits.cpu, floor: floor.cpuPercent },
    }),
    'error-rate': judgeErrorRate(measured.errorRate, baseline?.errorRate ?? null),
    'log-errors': judgeLogErrors(measured.logErrors?.perMinute ?? null, baseline?.logErrorsPerMinute ?? null),
  };
}
