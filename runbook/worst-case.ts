import {
  dataRecoveryClosing,
  dataRecoveryOpening,
  emergencyClosing,
  emergencyOpening,
  immediateResponseSteps,
  partialClosing,
  partialSteps,
} from './phases.ts';
import { isPartial, type Scenario } from './scenarios.ts';
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

const swapSteps = [
  'makeSafetyCopy',
  'stopDataUsers',
  'verifyData',
  'startDataUsers',
] as const satisfies readonly StepName[];

/** Rows up to *service proven healthy*: where the clock of the time target ends (design §1). */
export function rowsUntilHealthy(scenario: Scenario, dataRoots: number): readonly StepName[] {
  const restores = Array.from({ length: dataRoots }, (): StepName => 'restoreData');
  if (isPartial(scenario)) {
    const swap = scenario === 'data-migration' ? [...swapSteps, ...restores] : [];
    return ['openRollback', 'planContainment', ...partialSteps[scenario], ...swap, ...partialClosing];
  }
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
export function scenarioWorstCaseMs(scenario: Scenario, dataRoots: number): number {
  const mode = scenario === 'emergency' ? 'emergency' : 'full';
  return rowsUntilHealthy(scenario, dataRoots).reduce(
    (sum, step) => sum + timeoutsOf(rowOf(step), mode, 1).scheduleToCloseMs,
    0,
  );
}
