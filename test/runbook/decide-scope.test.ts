import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ChecklistItemId, checklistIds } from '../../runbook/checklist.ts';
import { type Declared, itemsOutOfScope } from '../../runbook/decide-scope.ts';
import { parseTarget } from '../../target/load.ts';

const bare: Declared = { checks: [], skills: null, scripts: {}, agents: { lockFiles: [] } };

const lacking: readonly ChecklistItemId[] = [
  'agent-coordination',
  'skills-discoverable',
  'complex-queries',
  'agents-operational',
];

describe('what of the checklist applies to a target', () => {
  it("is all of it for the runbook's own target", () => {
    const file = new URL('../../target/openviking.yaml', import.meta.url);
    expect(itemsOutOfScope(parseTarget(readFileSync(file, 'utf8'), '/srv/ops/rollback.yaml'))).toEqual({});
  });

  it('leaves out agents, skills and complex queries where the target declares none, and nothing else', () => {
    const out = itemsOutOfScope(bare);
    expect(checklistIds.filter((id) => out[id] !== undefined)).toEqual(lacking);
    for (const id of lacking) expect(out[id]).toMatch(/^the target declares no \w/);
  });

  it.each<[string, Partial<Declared>, readonly ChecklistItemId[]]>([
    ['a script', { scripts: { agentStatus: {} } }, ['agent-coordination', 'agents-operational']],
    ['session locks', { agents: { lockFiles: ['locks/*.json'] } }, ['agent-coordination']],
    ['a list of skills', { skills: {} }, ['skills-discoverable']],
  ])('asks for what belongs to %s once the target declares it', (_what, declared, wanted) => {
    const out = itemsOutOfScope({ ...bare, ...declared });
    expect(lacking.filter((id) => out[id] === undefined)).toEqual(wanted);
  });

  it.each(lacking)('asks for %s once a check of the target proves it', (id) => {
    const out = itemsOutOfScope({ ...bare, checks: [{ proves: [id] }] });
    expect(lacking.filter((each) => out[each] === undefined)).toEqual([id]);
  });
});
