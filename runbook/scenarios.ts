/** What kind of incident it is decides how fast, and whether data are suspect (runbook, "Rollback Time Targets"). */
export const rollbackScenarios = ['emergency', 'service-disruption', 'performance-issues', 'data-corruption'] as const;

export type RollbackScenario = (typeof rollbackScenarios)[number];

/** What takes back only a part and leaves the experiment running (runbook, "Partial Rollback Scenarios"). */
export const partialScenarios = ['api-issues', 'performance-only', 'data-migration'] as const;

export type PartialScenario = (typeof partialScenarios)[number];

export const scenarios = [...rollbackScenarios, ...partialScenarios] as const;

export type Scenario = (typeof scenarios)[number];

export function isPartial(scenario: Scenario): scenario is PartialScenario {
  return partialScenarios.some((each) => each === scenario);
}

const widened: Readonly<Record<PartialScenario, RollbackScenario>> = {
  'api-issues': 'service-disruption',
  'performance-only': 'performance-issues',
  'data-migration': 'data-corruption',
};

/** The full scenario of the same incident: its time target holds for the part, and it is what a part is widened to. */
export function fullScenarioOf(scenario: Scenario): RollbackScenario {
  return isPartial(scenario) ? widened[scenario] : scenario;
}

/** With suspect data the experiment is killed, never unpaused: it must not write another byte (design §4.1). */
export function suspectsData(scenario: Scenario): boolean {
  return scenario === 'data-corruption' || scenario === 'emergency';
}
