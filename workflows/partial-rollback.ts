import type { MigrationState, PhaseInput, PhaseResult, RecoveryPlanned, ReliefWatch } from '../contract/rollback.ts';
import type { DoneStep } from '../contract/step.ts';
import { decideRelief, noSamples, withSample } from '../runbook/decide-relief.ts';
import { partialClosing, partialSteps } from '../runbook/phases.ts';
import { isPartial } from '../runbook/scenarios.ts';
import { needsApproval } from './needs-approval.ts';
import { plannedRows } from './planned-rows.ts';
import type { Row } from './run-rows.ts';
import { PhaseRun } from './run-rows.ts';

/**
 * Runbook, "Partial Rollback Scenarios": only a part goes back, and the experiment keeps running. It comes back to its
 * parent when a person has to decide.
 */
export async function partialRollback(input: PhaseInput): Promise<PhaseResult> {
  const phase = new PhaseRun(input, 'partial');
  const { scenario } = input.request;
  if (!isPartial(scenario)) return phase.finished();
  const stopped = await phase.run(partialSteps[scenario].map((step) => ({ step })));
  if (stopped) return stopped;
  if (scenario === 'data-migration') {
    const early = (await swapData(phase, input)) ?? (await migrateAgain(phase, input));
    if (early) return early;
  }
  if (scenario === 'performance-only') {
    const early = await watchRelief(phase, input);
    if (early) return early;
  }
  return (await phase.run(partialClosing.map((step) => ({ step })))) ?? phase.finished();
}

/** Only the data go back; then both systems go on, and are proven to, before anybody waits for a mended migration. */
async function swapData(phase: PhaseRun, input: PhaseInput): Promise<PhaseResult | null> {
  const plan = phase.recovery;
  if (plan && needsApproval(plan, input)) return phase.end('partial.planRecovery', 'needs-approval');
  const rows = plan ? plannedRows(plan, input.leaveData) : [];
  return phase.run([...rows, ...partialClosing.map((step) => ({ step, suffix: 'swap' }))]);
}

/** Runs the migration once somebody has said that it is mended, and takes it back when it or its check fails. */
async function migrateAgain(phase: PhaseRun, input: PhaseInput): Promise<PhaseResult | null> {
  let state: MigrationState = input.migration ?? { runs: 0, last: 'none', said: '' };
  const n = state.runs;
  if (state.last === 'wanted') {
    const stopped = await phase.run([{ step: 'runMigration', suffix: String(n), options: { sample: n } }]);
    if (stopped) return { ...stopped, migration: state };
    state = afterRun(state, phase.done.at(-1));
  }
  if (state.last === 'failed') {
    const stopped = await phase.run(phase.recovery ? takeBackRows(phase.recovery, n) : []);
    if (stopped) return { ...stopped, migration: state };
    state = { ...state, last: 'taken-back' };
  }
  if (state.last === 'done' || state.last === 'left') return null;
  return { ...phase.end(`partial.runMigration:${n}`, 'needs-fix'), migration: state };
}

function afterRun({ runs }: MigrationState, done: DoneStep | undefined): MigrationState {
  const said = done?.reason ?? '';
  if (done?.outcome === 'done') return { runs, last: 'done', said };
  return { runs, last: done?.outcome === 'skipped' ? 'unchanged' : 'failed', said };
}

/** The same swap as before, without a plan of its own: the same source, and the first safety copy. */
function takeBackRows(plan: RecoveryPlanned, n: number): readonly Row[] {
  return plannedRows(plan, false)
    .filter(({ step }) => step !== 'makeSafetyCopy')
    .map((row) => ({ ...row, suffix: row.suffix === undefined ? String(n) : `${row.suffix}:${n}` }));
}

/** Samples on a durable timer until it is better, or the time is over. Its state goes to the parent: a pause ends a child. */
async function watchRelief(phase: PhaseRun, input: PhaseInput): Promise<PhaseResult | null> {
  const { watch, request } = input;
  if (watch === undefined || input.relief?.accepted) return null;
  const everyMs = watch.everyMs * request.timeScale;
  const relief: ReliefWatch = input.relief ?? {
    ...noSamples,
    until: new Date(Date.now() + watch.forMs * request.timeScale).toISOString(),
  };
  let state = { taken: relief.taken, good: relief.good };
  for (;;) {
    const sample = state.taken + 1;
    const stopped = await phase.run([{ step: 'samplePerformance', suffix: String(sample), options: { sample } }]);
    if (stopped) return { ...stopped, relief: { ...state, until: relief.until } };
    state = withSample(state, phase.done.at(-1)?.outcome === 'done');
    const now = { needed: watch.good, nowMs: Date.now(), untilMs: Date.parse(relief.until) };
    switch (decideRelief(state, now)) {
      case 'better':
        return null;
      case 'not-better':
        return {
          ...phase.end(`partial.samplePerformance:${sample}`, 'not-better'),
          relief: { ...state, until: relief.until },
        };
      case 'watching':
        if (await phase.waitUntil(Math.min(Date.now() + everyMs, now.untilMs))) {
          return {
            ...phase.end(`partial.samplePerformance:${sample + 1}`, 'asked-to-stop'),
            relief: { ...state, until: relief.until },
          };
        }
    }
  }
}
