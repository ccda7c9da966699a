/** One container of the stable system, as it was seen once. */
export interface Sighting {
  readonly name: string;
  readonly id: string;
  readonly running: boolean;
  readonly startedAt: string;
  readonly restartCount: number;
  readonly oomKilled: boolean;
  /** What the engine's own health check says; it may say `starting` while everything fails, so only `unhealthy` counts. */
  readonly unhealthy: boolean;
}

/** One look at the whole stable system: its containers, and one answer of its health probe. */
export interface SoakObservation {
  readonly atMs: number;
  readonly containers: readonly Sighting[];
  /** Stable services without a container. */
  readonly missing: readonly string[];
  readonly answer: { readonly good: boolean; readonly said: string };
}

export interface SoakRule {
  /** Good answers in a row … */
  readonly answers: number;
  /** … over at least this time. */
  readonly overMs: number;
}

export interface SoakJudgement {
  readonly steady: boolean;
  /** Good looks in a row up to now, and the time between first and last of them. */
  readonly answers: number;
  readonly overMs: number;
  /** Why it is not steady yet, or what it has shown. */
  readonly reason: string;
}

/**
 * Healthy is what stays: a container in a crash loop reads "running" every other time (facts). Steady means N good
 * answers in a row over S seconds from the same containers: same id, same start, same restart count, none killed for
 * memory (runbook 1.3).
 */
export function judgeSoak(observations: readonly SoakObservation[], rule: SoakRule): SoakJudgement {
  const last = observations.at(-1);
  if (last === undefined) return { steady: false, answers: 0, overMs: 0, reason: 'nothing was looked at yet' };
  const run = steadyTail(observations);
  const first = run.observations[0];
  const answers = run.observations.length;
  const overMs = first === undefined ? 0 : last.atMs - first.atMs;
  if (run.brokenBy !== null && answers === 0) return { steady: false, answers, overMs, reason: run.brokenBy };
  const seen = `${answers} good answers in a row over ${Math.round(overMs / 100) / 10} s`;
  if (answers >= rule.answers && overMs >= rule.overMs) return { steady: true, answers, overMs, reason: seen };
  const before = run.brokenBy === null ? '' : `; before that: ${run.brokenBy}`;
  return { steady: false, answers, overMs, reason: `only ${seen}${before}` };
}

/** The longest run of good looks that ends now, and what ended the run before it. */
function steadyTail(observations: readonly SoakObservation[]) {
  const tail: SoakObservation[] = [];
  for (let n = observations.length - 1; n >= 0; n -= 1) {
    const seen = observations[n];
    if (seen === undefined) break;
    const later = tail[0];
    const brokenBy = trouble(seen) ?? (later === undefined ? null : changeBetween(seen, later));
    if (brokenBy !== null) return { observations: tail, brokenBy };
    tail.unshift(seen);
  }
  return { observations: tail, brokenBy: null };
}

function trouble({ containers, missing, answer }: SoakObservation): string | null {
  if (missing.length > 0) return `no container of ${missing.join(', ')}`;
  if (containers.length === 0) return 'the stable system has no containers';
  for (const { name, running, oomKilled, unhealthy } of containers) {
    if (!running) return `${name} does not run`;
    if (oomKilled) return `${name} was killed for want of memory`;
    if (unhealthy) return `${name} is unhealthy by its own health check`;
  }
  return answer.good ? null : `the health probe: ${answer.said}`;
}

function changeBetween(earlier: SoakObservation, later: SoakObservation): string | null {
  for (const now of later.containers) {
    const then = earlier.containers.find(({ name }) => name === now.name);
    if (then === undefined || then.id !== now.id) return `${now.name} is another container than before`;
    if (then.startedAt !== now.startedAt || then.restartCount !== now.restartCount) return `${now.name} was restarted`;
  }
  if (earlier.containers.length !== later.containers.length) return 'a container of the stable system went away';
  return null;
}
