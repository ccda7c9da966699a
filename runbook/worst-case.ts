import {
  dataRecoveryClosing,
  dataRecoveryOpening,
  emergencyClosing,
  emergencyOpening,
  immediateResponseSteps,
} from './phases.ts';
import type { RollbackScenario } from './scenarios.ts';
import type { StepName } from './steps.ts';
import { rowOf } from './steps.ts';
import { timeoutsOf } from './timeouts.ts';

const carryOut = [
  'makeSafetyCopy',
  'stopDataUsers',
  'returnToCheckpoint',
  'verifyData',
  'startStableOnPins',
] as const satisfies readonly StepName[];

/** Rows up to *service proven healthy*: where the clock of the time target ends (design §1). */
export function rowsUntilHealthy(scenario: RollbackScenario, dataRoots: number): readonly StepName[] {
  const restores = Array.from({ length: dataRoots }, (): StepName => 'restoreData');
  if (scenario === 'emergency') {
    return [
      'openRollback',
      'planContainment',
      ...emergencyOpening,
      ...carryOut.filter((step) => step !== 'verifyData'),
      ...restores,
      emergencyClosing[0],
    ];
  }
  return [
    'openRollback',
    'planContainment',
    ...immediateResponseSteps,
    ...dataRecoveryOpening,
    ...carryOut,
    ...restores,
    ...dataRecoveryClosing,
  ];
}

/**
 * Worst case of a scenario in milliseconds: every attempt of every row at its full time (design §3).
 * @param dataRoots how many data roots go back at most
 */
export function scenarioWorstCaseMs(scenario: RollbackScenario, dataRoots: number): number {
  const mode = scenario === 'emergency' ? 'emergency' : 'full';
  return rowsUntilHealthy(scenario, dataRoots).reduce(
    (sum, step) => sum + timeoutsOf(rowOf(step), mode, 1).scheduleToCloseMs,
    0,
  );
}
