import { isPartial, type Scenario } from './scenarios.ts';

/** What of a target says which partial rollbacks it can have; null where it describes nothing for one. */
export interface PartialDeclared {
  readonly integration: object | null;
  readonly migration: object | null;
  readonly performance: object | null;
}

/** Why this rollback cannot be started on this target, or null. Pure. */
export function whyNotPossible(scenario: Scenario, partial: PartialDeclared): string | null {
  if (!isPartial(scenario)) return null;
  switch (scenario) {
    case 'performance-only':
      return partial.performance === null ? lacks(scenario, 'partial.performance') : null;
    case 'api-issues':
      return partial.integration === null ? lacks(scenario, 'partial.integration') : null;
    case 'data-migration':
      return partial.migration === null ? lacks(scenario, 'partial.migration') : null;
  }
}

function lacks(scenario: Scenario, section: string): string {
  return `the target describes nothing for ${scenario}: ${section} is missing`;
}
