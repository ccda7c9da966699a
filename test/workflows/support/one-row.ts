import type { PhaseInput, RecoveryPlanned } from '../../../contract/rollback.ts';
import { dataRecoveryClosing, dataRecoveryOpening } from '../../../runbook/phases.ts';
import type { TestRoom } from '../../activities/support/room.ts';
import { requestOf } from '../../support/rollback-run.ts';

/** Heartbeats are then as short as they get, and no step's own time runs out meanwhile. */
export const timeScale = 0.3;

/**
 * Data recovery of which everything is settled but one planned row.
 * @param key of the row: `dataRecovery.restoreData:agent`
 */
export function onlyRow(room: TestRoom['room'], planned: RecoveryPlanned, key: string): PhaseInput {
  const { environment, rollbackId, epoch, targetHash } = room.input;
  const { target: _, ...request } = requestOf({ environment, rollbackId, targetHash, timeScale });
  const keys = [
    ...[...dataRecoveryOpening, ...dataRecoveryClosing].map((step) => `dataRecovery.${step}`),
    ...planned.steps.map(({ step, root }) => `dataRecovery.${step}${root === undefined ? '' : `:${root}`}`),
  ];
  return {
    request: { ...request, scenario: 'data-corruption' },
    scripts: [],
    epoch,
    round: 1,
    plans: { recovery: planned.hash },
    mode: 'full',
    settled: keys.filter((one) => one !== key),
    recovery: planned,
    agreedPlans: [planned.hash],
    leaveData: false,
  };
}
