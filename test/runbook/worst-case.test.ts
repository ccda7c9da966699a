import { describe, expect, it } from 'vitest';
import { rollbackScenarios } from '../../runbook/scenarios.ts';
import { rowOf } from '../../runbook/steps.ts';
import { defaultTimeTarget, timeTargets } from '../../runbook/time-targets.ts';
import { timeoutsOf, worstCaseMs } from '../../runbook/timeouts.ts';
import { rowsUntilHealthy, scenarioWorstCaseMs } from '../../runbook/worst-case.ts';

describe('the time of one row', () => {
  it('is every attempt at its full length with the waits between them', () => {
    expect(worstCaseMs(60_000, 1)).toBe(60_000);
    expect(worstCaseMs(60_000, 3)).toBe(3 * 60_000 + 1_000 + 2_000);
    // 1, 2, 4, 8, then at most 10 seconds.
    expect(worstCaseMs(1_000, 7)).toBe(7_000 + 1_000 + 2_000 + 4_000 + 8_000 + 10_000 + 10_000);
  });

  it('is shorter on the emergency path, and scaled by one factor, never to nothing', () => {
    const row = rowOf('stopExperiment');
    expect(timeoutsOf(row, 'full', 1).startToCloseMs).toBe(90_000);
    expect(timeoutsOf(row, 'emergency', 1).startToCloseMs).toBe(45_000);
    expect(timeoutsOf(row, 'full', 0.1).startToCloseMs).toBe(9_000);
    expect(timeoutsOf(row, 'full', 0).startToCloseMs).toBe(2_000);
    expect(timeoutsOf(rowOf('verifyData'), 'emergency', 1)).toEqual(timeoutsOf(rowOf('verifyData'), 'full', 1));
  });
});

describe('the worst case of a scenario', () => {
  it('is the sum of its rows, and grows by one restore with each data root', () => {
    for (const scenario of rollbackScenarios) {
      const mode = scenario === 'emergency' ? 'emergency' : 'full';
      const sum = rowsUntilHealthy(scenario, 2)
        .map((step) => timeoutsOf(rowOf(step), mode, 1))
        .reduce((total, { startToCloseMs, attempts }) => total + worstCaseMs(startToCloseMs, attempts), 0);
      expect(scenarioWorstCaseMs(scenario, 2)).toBe(sum);
      const restore = timeoutsOf(rowOf('restoreData'), mode, 1).scheduleToCloseMs;
      expect(scenarioWorstCaseMs(scenario, 3) - scenarioWorstCaseMs(scenario, 2)).toBe(restore);
    }
  });

  it('ends where the clock does, at the stable system proven healthy: validation and documents are not in it', () => {
    for (const scenario of rollbackScenarios) {
      const rows = rowsUntilHealthy(scenario, 1);
      expect(rows).toContain('awaitStableHealth');
      expect(rows).not.toContain('measurePerformance');
      expect(rows).not.toContain('writeReport');
    }
  });

  /**
   * Whole minutes over the scenario's maximum with one data root; the plan shows them. A longer timeout or one more
   * attempt changes this table, which is then a decision and no accident.
   */
  it('fits the maximum, or is over it by no more than the plan is known to tell', () => {
    const over = rollbackScenarios.map((scenario) => {
      const minutes = (scenarioWorstCaseMs(scenario, 1) - defaultTimeTarget(scenario).maximumMs) / 60_000;
      return [scenario, Math.max(0, Math.ceil(minutes))];
    });
    expect(Object.fromEntries(over)).toEqual({
      emergency: 0,
      'service-disruption': 170,
      'performance-issues': 110,
      'data-corruption': 0,
    });
  });
});

it('time targets are those of the runbook', () => {
  expect(timeTargets).toEqual({
    emergency: { target: '5m', maximum: '15m' },
    'service-disruption': { target: '15m', maximum: '60m' },
    'performance-issues': { target: '30m', maximum: '120m' },
    'data-corruption': { target: '60m', maximum: '240m' },
  });
  expect(defaultTimeTarget('data-corruption')).toEqual({ targetMs: 3_600_000, maximumMs: 14_400_000 });
});
