import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ChecklistItemId, checklistIds, itemOf } from '../../runbook/checklist.ts';
import { type Declared, itemsOutOfScope } from '../../runbook/decide-scope.ts';
import { partialScenarios } from '../../runbook/scenarios.ts';
import { parseTarget } from '../../target/load.ts';

const bare: Declared = { checks: [], skills: null, scripts: {}, agents: { lockFiles: [] } };

const lacking: readonly ChecklistItemId[] = [
  'agent-coordination',
  'skills-discoverable',
  'complex-queries',
  'agents-operational',
];

/** Items that say nothing of a whole rollback. */
const ofPartsOnly = checklistIds.filter((id) => !itemOf(id).scopes.includes('full'));

describe('what of the checklist applies to a target', () => {
  it("is all of it for the runbook's own target", () => {
    const file = new URL('../../target/openviking.yaml', import.meta.url);
    const out = itemsOutOfScope(parseTarget(readFileSync(file, 'utf8'), '/srv/ops/rollback.yaml'), 'data-corruption');
    expect(checklistIds.filter((id) => out[id] !== undefined)).toEqual(ofPartsOnly);
  });

  it('leaves out agents, skills and complex queries where the target declares none, and nothing else', () => {
    const out = itemsOutOfScope(bare, 'data-corruption');
    expect(checklistIds.filter((id) => out[id] !== undefined)).toEqual([...lacking, ...ofPartsOnly]);
    for (const id of lacking) expect(out[id]).toMatch(/^the target declares no \w/);
  });

  it.each<[string, Partial<Declared>, readonly ChecklistItemId[]]>([
    ['a script', { scripts: { agentStatus: {} } }, ['agent-coordination', 'agents-operational']],
    ['session locks', { agents: { lockFiles: ['locks/*.json'] } }, ['agent-coordination']],
    ['a list of skills', { skills: {} }, ['skills-discoverable']],
  ])('asks for what belongs to %s once the target declares it', (_what, declared, wanted) => {
    const out = itemsOutOfScope({ ...bare, ...declared }, 'emergency');
    expect(lacking.filter((id) => out[id] === undefined)).toEqual(wanted);
  });

  it.each(lacking)('asks for %s once a check of the target proves it', (id) => {
    const out = itemsOutOfScope({ ...bare, checks: [{ proves: [id] }] }, 'emergency');
    expect(lacking.filter((each) => out[each] === undefined)).toEqual([id]);
  });

  it('judges a part by what it is for, and never by the experiment being out', () => {
    for (const scenario of partialScenarios) {
      const out = itemsOutOfScope({ ...bare, skills: {} }, scenario);
      expect(out['experiment-out']).toBe(`it is no item of a rollback for ${scenario}`);
      expect(out['git-clean']).toBeDefined();
      for (const id of ['stable-running', 'basic-queries', 'data-uncorrupted', 'skills-discoverable'] as const)
        expect(out[id]).toBeUndefined();
    }
    expect(itemsOutOfScope(bare, 'performance-only')['load-reduced']).toBeUndefined();
    expect(itemsOutOfScope(bare, 'api-issues')['load-reduced']).toBeDefined();
  });
});
