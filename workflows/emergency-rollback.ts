import type { PhaseInput, PhaseResult } from '../contract/rollback.ts';
import type { DoneStep } from '../contract/step.ts';
import { emergencyClosing, emergencyOpening } from '../runbook/phases.ts';
import { plannedRows } from './planned-rows.ts';
import { PhaseRun } from './run-rows.ts';

/**
 * Runbook, "Emergency Rollback": the shortest way to a serving stable system. It asks nothing: what it takes away is
 * moved aside, and data go back only where the target says `always` or the operator chose so (design §4.4).
 */
export async function emergencyRollback(input: PhaseInput): Promise<PhaseResult> {
  const phase = new PhaseRun(input, 'emergency');
  const options = { security: input.request.security, suspectData: true, choices: input.request.choices };
  const stopped = await phase.run(emergencyOpening.map((step) => ({ step, options })));
  if (stopped) return stopped;
  // Without a plan nothing is changed; the stable system is started all the same.
  const rows = phase.recovery ? plannedRows(phase.recovery, false) : [{ step: 'startStable' as const }];
  return (
    (await phase.run(rows)) ??
    (await phase.run(phase.done.some(leftStableDown) ? [{ step: 'startStable' }] : [])) ??
    (await phase.run(emergencyClosing.map((step) => ({ step, options })))) ??
    phase.finished()
  );
}

/** On its old image it serves at least, while nobody is asked (design §3: the last act). */
function leftStableDown({ step, outcome }: DoneStep): boolean {
  return step === 'startStableOnPins' && (outcome === 'failed' || outcome === 'unknown');
}
