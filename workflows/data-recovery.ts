import type { PhaseInput, PhaseResult } from '../contract/rollback.ts';
import { dataRecoveryClosing, dataRecoveryOpening } from '../runbook/phases.ts';
import { needsApproval } from './needs-approval.ts';
import { plannedRows } from './planned-rows.ts';
import { PhaseRun } from './run-rows.ts';

/**
 * Runbook, phase 2: look at the data, decide what goes back, carry it out behind a safety copy. It comes back to its
 * parent before anything is destroyed, unless the operator agreed to exactly this plan.
 */
export async function dataRecovery(input: PhaseInput): Promise<PhaseResult> {
  const phase = new PhaseRun(input, 'dataRecovery');
  const options = { choices: input.request.choices };
  const stopped = await phase.run(dataRecoveryOpening.map((step) => ({ step, options })));
  if (stopped) return stopped;
  const plan = phase.recovery;
  if (plan && needsApproval(plan, input)) {
    return phase.end('dataRecovery.planRecovery', 'needs-approval');
  }
  const rows = plan ? plannedRows(plan, input.leaveData) : [];
  return (
    (await phase.run(rows)) ?? (await phase.run(dataRecoveryClosing.map((step) => ({ step })))) ?? phase.finished()
  );
}
