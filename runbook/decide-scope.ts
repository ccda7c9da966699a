import { type ChecklistItemId, checklistIds, type Declarable, itemOf } from './checklist.ts';
import { isPartial, type Scenario } from './scenarios.ts';

/** What of a target says which items of the checklist apply to it. */
export interface Declared {
  readonly checks: readonly { readonly proves: readonly string[] }[];
  readonly skills: object | null;
  readonly scripts: { readonly agentStatus?: object | undefined };
  readonly agents: { readonly lockFiles: readonly string[] };
}

/**
 * Items that do not apply, each with the reason. An item for which the target declares nothing is not unknown: there is
 * nothing to measure, and without this rule no rollback of a system without agents could ever be `restored`. A partial
 * rollback is not judged by what it never meant to do. Pure.
 */
export function itemsOutOfScope(
  target: Declared,
  scenario: Scenario,
): Readonly<Partial<Record<ChecklistItemId, string>>> {
  const out: Partial<Record<ChecklistItemId, string>> = {};
  const scope = isPartial(scenario) ? scenario : 'full';
  for (const id of checklistIds) {
    const { appliesWith, scopes } = itemOf(id);
    if (!scopes.includes(scope)) {
      out[id] = `it is no item of a rollback for ${scenario}`;
      continue;
    }
    if (appliesWith === null || declares(target, appliesWith)) continue;
    if (target.checks.some(({ proves }) => proves.includes(id))) continue;
    out[id] = `the target declares no ${appliesWith}`;
  }
  return out;
}

function declares({ skills, scripts, agents }: Declared, what: Declarable): boolean {
  switch (what) {
    case 'agent status script':
      return scripts.agentStatus !== undefined;
    case 'agent status script or session locks':
      return scripts.agentStatus !== undefined || agents.lockFiles.length > 0;
    case 'list of skills':
      return skills !== null;
    case 'such check':
      return false;
  }
}
