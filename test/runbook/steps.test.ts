import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkpointSteps } from '../../runbook/checkpoint-steps.ts';
import { durationMs } from '../../runbook/duration.ts';
import {
  dataRecoveryClosing,
  dataRecoveryOpening,
  documentationSteps,
  emergencyClosing,
  emergencyOpening,
  immediateResponseSteps,
  partialClosing,
  partialSteps,
  phases,
  systemValidationSteps,
} from '../../runbook/phases.ts';
import { rowOf, type StepName, steps } from '../../runbook/steps.ts';

const names = Object.keys(steps) as StepName[];
const all = { ...steps, ...checkpointSteps };

/** What runs without a plan and without a question. */
const unasked = {
  immediateResponse: immediateResponseSteps,
  'the opening of data recovery': dataRecoveryOpening,
  'the closing of data recovery': dataRecoveryClosing,
  systemValidation: systemValidationSteps,
  documentation: documentationSteps,
  'the opening of the emergency': emergencyOpening,
  'the closing of the emergency': emergencyClosing,
} as const satisfies Record<string, readonly StepName[]>;

describe('the step table', () => {
  it.each(Object.keys(all))('%s is an activity of its own that a worker offers', (name) => {
    const index = readFileSync(new URL('../../activities/index.ts', import.meta.url), 'utf8');
    expect(index).toMatch(new RegExp(`^    ${name}: `, 'm'));
  });

  it('has a title, a time and a number of attempts for every row, in the emergency none longer', () => {
    expect(new Set(Object.values(all).map(({ title }) => title)).size).toBe(Object.keys(all).length);
    for (const name of names) {
      const { emergency, startToClose, attempts } = rowOf(name);
      expect(durationMs(startToClose), name).toBeGreaterThan(0);
      expect(attempts, name).toBeGreaterThan(0);
      if (emergency === undefined) continue;
      expect(durationMs(emergency.startToClose), name).toBeLessThanOrEqual(durationMs(startToClose));
      expect(emergency.attempts, name).toBeLessThanOrEqual(attempts);
    }
  });

  it('asks or has the stable system serve when a row is exhausted that must not be passed over', () => {
    for (const name of names) {
      const { effect, exhausted } = rowOf(name);
      // Whoever destroys half-way and goes on as if nothing was would leave the system as it is.
      if (effect === 'destroys') expect(exhausted, name).toBe('serve-stable');
    }
    for (const name of ['containExperiment', 'stopExperiment', 'verifyExperimentStopped', 'makeSafetyCopy'] as const) {
      expect(rowOf(name).exhausted, name).toBe('ask');
    }
  });

  it('has bounds of its own for every row of the emergency', () => {
    for (const name of [...emergencyOpening, ...emergencyClosing]) expect(rowOf(name).emergency, name).toBeDefined();
  });
});

describe('the order of the phases', () => {
  const places = (list: readonly StepName[], ...wanted: StepName[]) => wanted.map((name) => list.indexOf(name));

  it('contains, keeps the evidence, stops, and then takes the last logs', () => {
    const order = places(
      immediateResponseSteps,
      'containExperiment',
      'captureLiveLogs',
      'captureDoomedContainers',
      'stopExperiment',
      'captureFinalLogs',
      'verifyExperimentStopped',
      'startStable',
      'awaitStableHealth',
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order[0]).toBe(0);
  });

  it('in an emergency keeps before the stop only what the stop would take away', () => {
    const stop = emergencyOpening.indexOf('stopExperiment');
    expect(emergencyOpening.slice(0, stop)).toEqual(['containExperiment', 'captureDoomedContainers']);
    expect(emergencyClosing[0]).toBe('awaitStableHealth');
  });

  it('saves definitions and the state of the repository before anything of the plan changes files', () => {
    for (const name of ['captureDefinitions', 'captureGitState'] as const) {
      expect(immediateResponseSteps).toContain(name);
      expect(emergencyOpening.indexOf(name)).toBeLessThan(emergencyOpening.indexOf('planRecovery'));
    }
  });

  it.each(Object.entries(unasked))('%s destroys nothing: only a plan does, behind its safety copy', (_, list) => {
    expect(list.filter((name) => rowOf(name).effect === 'destroys')).toEqual([]);
  });

  it('runs every row of the table somewhere, and none of a phase twice', () => {
    const lists = Object.values(unasked);
    for (const list of lists) expect(new Set(list).size).toBe(list.length);
    const planned = [
      'makeSafetyCopy',
      'stopDataUsers',
      'returnToCheckpoint',
      'restoreData',
      'verifyData',
      'startStableOnPins',
    ];
    const own = ['openRollback', 'takeOver', 'planContainment', 'watchExperiment', 'judgeWorld', 'closeRollback'];
    const partial = [
      ...Object.values(partialSteps).flat(),
      ...partialClosing,
      'samplePerformance',
      'startDataUsers',
      'runMigration',
      'wakeExperiment',
      'changeScope',
    ];
    const run = new Set<string>([...lists.flat(), ...planned, ...partial, ...own]);
    expect([...run].sort()).toEqual([...names].sort());
  });

  it('has the windows of the runbook, each beginning where one of the others ends', () => {
    const windows = ['immediateResponse', 'dataRecovery', 'systemValidation', 'documentation'] as const;
    expect(windows.map((name) => phases[name].windowMinutes)).toEqual([
      [0, 15],
      [15, 60],
      [60, 120],
      [120, null],
    ]);
  });
});
