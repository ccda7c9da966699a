import type { PhaseInput, PhaseResult } from '../contract/rollback.ts';
import { documentationSteps } from '../runbook/phases.ts';
import { PhaseRun } from './run-rows.ts';

/** Runbook, phase 4: checklist, incident report, archive of the evidence. */
export async function documentation(input: PhaseInput): Promise<PhaseResult> {
  const phase = new PhaseRun(input, 'documentation');
  const options = input.conclusion === undefined ? {} : { conclusion: input.conclusion };
  return (await phase.run(documentationSteps.map((step) => ({ step, options })))) ?? phase.finished();
}
