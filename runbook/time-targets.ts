import { durationMs } from './duration.ts';
import { fullScenarioOf, type RollbackScenario, type Scenario } from './scenarios.ts';

/** The clock runs from the start of the incident to *service proven healthy* (runbook, "Rollback Time Targets"). */
export const timeTargets = {
  emergency: { target: '5m', maximum: '15m' },
  'service-disruption': { target: '15m', maximum: '60m' },
  'performance-issues': { target: '30m', maximum: '120m' },
  'data-corruption': { target: '60m', maximum: '240m' },
} as const satisfies Record<RollbackScenario, { readonly target: string; readonly maximum: string }>;

export interface TimeTarget {
  readonly targetMs: number;
  readonly maximumMs: number;
}

export function defaultTimeTarget(scenario: RollbackScenario): TimeTarget {
  const row = timeTargets[scenario];
  return { targetMs: durationMs(row.target), maximumMs: durationMs(row.maximum) };
}

/**
 * What a target says of a scenario; every target has all four, the runbook's where it says nothing. A partial rollback
 * has the time of the full one that it spares.
 */
export function timeTargetOf(
  target: { readonly timeTargets: Readonly<Record<RollbackScenario, TimeTarget>> },
  scenario: Scenario,
): TimeTarget {
  return target.timeTargets[fullScenarioOf(scenario)];
}
