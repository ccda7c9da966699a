import type { PhaseInput, PhaseResult } from '../contract/rollback.ts';
import { systemValidationSteps } from '../runbook/phases.ts';
import type { Row } from './run-rows.ts';
import { PhaseRun } from './run-rows.ts';

/** Runbook, phase 3: does the stable system do its work as before? */
export async function systemValidation(input: PhaseInput): Promise<PhaseResult> {
  const phase = new PhaseRun(input, 'systemValidation');
  return (await phase.run(validationRows(input.scripts))) ?? phase.finished();
}

function validationRows(scripts: readonly string[]): readonly Row[] {
  return systemValidationSteps.flatMap((step): readonly Row[] =>
    step === 'runScript' ? scripts.map((script) => ({ step, suffix: script, options: { script } })) : [{ step }],
  );
}
