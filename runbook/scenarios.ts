/** What kind of incident it is decides how fast, and whether data are suspect (runbook, "Rollback Time Targets"). */
export const rollbackScenarios = ['emergency', 'service-disruption', 'performance-issues', 'data-corruption'] as const;

export type RollbackScenario = (typeof rollbackScenarios)[number];

/** With suspect data the experiment is killed, never unpaused: it must not write another byte (design §4.1). */
export function suspectsData(scenario: RollbackScenario): boolean {
  return scenario === 'data-corruption' || scenario === 'emergency';
}
