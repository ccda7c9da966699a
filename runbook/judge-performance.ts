/** Numbers of several samples. Units are those of the samples. */
export interface Spread {
  readonly median: number;
  readonly spread: number;
}

export interface PerformanceLimit {
  /** Allowed above the baseline, as a share of it: 0.1 is ten per cent. */
  readonly share: number;
  /** Differences up to this are never a failure: two milliseconds instead of one are no degradation. */
  readonly floor: number;
}

export interface PerformanceJudgement {
  readonly status: 'pass' | 'fail' | 'unknown';
  readonly measured: string;
}

/** @returns 0 for no values: whoever has none must not ask how large they are */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? upper) + upper) / 2 : upper;
}

/** Median with the spread around it: distance from the median to the ninetieth per cent, which one outlier cannot move. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = median(sorted);
  const ninetieth = sorted[Math.ceil(sorted.length * 0.9) - 1] ?? middle;
  return { median: middle, spread: Math.max(0, ninetieth - middle) };
}

/**
 * Runbook, checklist "Performance": median ≤ baseline × limit plus the baseline's own measured spread; a difference
 * below the absolute floor is never a failure (design §4.13). Without samples of something that runs, or without a
 * baseline, there is nothing to judge: unknown, never a pass.
 */
export function judgePerformance(asked: {
  readonly what: string;
  readonly unit: string;
  /** null when there were no samples: a stopped container's zeros are none (facts). */
  readonly measured: Spread | null;
  readonly baseline: Spread | null;
  readonly limit: PerformanceLimit;
}): PerformanceJudgement {
  const { what, unit, measured, baseline, limit } = asked;
  if (measured === null) return { status: 'unknown', measured: `${what}: no samples could be taken` };
  const now = `${what}: median ${amount(measured.median, unit)}`;
  if (baseline === null) return { status: 'unknown', measured: `${now}, no baseline is recorded to compare with` };
  const allowed = baseline.median + Math.max(baseline.median * limit.share + baseline.spread, limit.floor);
  const text = `${now}, baseline ${amount(baseline.median, unit)}, allowed up to ${amount(allowed, unit)}`;
  return { status: measured.median <= allowed ? 'pass' : 'fail', measured: text };
}

/** Error rate ≤ baseline. @param rate share of samples without a right answer; null when none were taken */
export function judgeErrorRate(rate: number | null, baseline: number | null): PerformanceJudgement {
  if (rate === null) return { status: 'unknown', measured: 'error rate: no samples could be taken' };
  const now = `error rate ${percent(rate)}`;
  // No errors at all are not above any baseline.
  if (rate === 0)
    return { status: 'pass', measured: `${now}, baseline ${baseline === null ? 'none' : percent(baseline)}` };
  if (baseline === null) return { status: 'unknown', measured: `${now}, no baseline is recorded to compare with` };
  return { status: rate <= baseline ? 'pass' : 'fail', measured: `${now}, baseline ${percent(baseline)}` };
}

/**
 * A spike is more than twice the baseline and more than one line a minute above it: a single line in a short window
 * must not be a spike.
 */
export function judgeLogErrors(perMinute: number | null, baseline: number | null): PerformanceJudgement {
  if (perMinute === null) return { status: 'unknown', measured: 'the logs could not be read' };
  const now = `${round(perMinute)} lines with errors per minute`;
  if (perMinute === 0) return { status: 'pass', measured: now };
  if (baseline === null) return { status: 'unknown', measured: `${now}, no baseline is recorded to compare with` };
  const allowed = Math.max(baseline * 2, baseline + 1);
  const text = `${now}, baseline ${round(baseline)}, allowed up to ${round(allowed)}`;
  return { status: perMinute <= allowed ? 'pass' : 'fail', measured: text };
}

/** The runbook's trigger for an immediate rollback: more than five times the baseline. */
const normalRange = 5;

/** "Response times within normal range" (checklist, System Health): wide on purpose, the limit has an item of its own. */
export function judgeNormalRange(
  measured: Spread | null,
  baseline: Spread | null,
  floor: number,
): PerformanceJudgement {
  if (measured === null) return { status: 'unknown', measured: 'response time: no samples could be taken' };
  const now = `median ${amount(measured.median, 'ms')}`;
  if (baseline === null) return { status: 'pass', measured: `${now}, every answer within the time limit of its check` };
  const allowed = Math.max(baseline.median * normalRange, baseline.median + floor);
  const text = `${now}, at most ${amount(allowed, 'ms')} is the normal range`;
  return { status: measured.median <= allowed ? 'pass' : 'fail', measured: text };
}

function amount(value: number, unit: string): string {
  if (unit === 'bytes') return `${round(value / 2 ** 20)} MiB`;
  return `${round(value)} ${unit}`;
}

function percent(share: number): string {
  return `${round(share * 100)} %`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
