import type { RecoveryPlanned } from '../contract/rollback.ts';
import type { Row } from './run-rows.ts';

/**
 * The rows a recovery plan consists of, in its order.
 * @param leaveData the operator decided against it: only what makes the stable system serve remains
 */
export function plannedRows(plan: RecoveryPlanned, leaveData: boolean): readonly Row[] {
  return plan.steps
    .filter((planned) => !leaveData || planned.step === 'startStableOnPins')
    .map((planned) =>
      planned.root === undefined
        ? { step: planned.step }
        : { step: planned.step, suffix: planned.root, options: { root: planned.root } },
    );
}
