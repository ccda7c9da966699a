import type { PhaseInput, PhaseResult } from '../contract/rollback.ts';
import { immediateResponseSteps } from '../runbook/phases.ts';
import { suspectsData } from '../runbook/scenarios.ts';
import { PhaseRun } from './run-rows.ts';

/** Runbook, phase 1: contain, keep the evidence, stop the experiment, see that the stable system serves. */
export async function immediateResponse(input: PhaseInput): Promise<PhaseResult> {
  const phase = new PhaseRun(input, 'immediateResponse');
  const options = { security: input.request.security, suspectData: suspectsData(input.request.scenario) };
  return (await phase.run(immediateResponseSteps.map((step) => ({ step, options })))) ?? phase.finished();
}
