import { beforeAll, describe, expect, it } from 'vitest';
import { workflowTypes } from '../../contract/ids.ts';
import type { UpkeepRequest, UpkeepResult } from '../../contract/upkeep.ts';
import { withClosedWorkflow } from '../support/rollback-run.ts';
import { upkeepActs, upkeepRequest, upkeepTasks } from '../support/upkeep-acts.ts';
import { quietRuntime } from '../support/workflow-bundle.ts';

beforeAll(quietRuntime);

function run({ activities }: ReturnType<typeof upkeepActs>, request: UpkeepRequest): Promise<UpkeepResult> {
  return withClosedWorkflow(activities, { type: workflowTypes.upkeep, args: [request] }, (handle) => handle.result());
}

describe('an upkeep', () => {
  it.each([
    ['recover', ['recoverPaths']],
    ['commit', ['commitRollback']],
    ['prune', ['planPrune', 'pruneKept']],
  ] as const)('%s acts under the lock and releases it', async (kind, acts) => {
    const scripted = upkeepActs();
    expect(await run(scripted, upkeepRequest(upkeepTasks[kind]))).toMatchObject({ kind, outcome: 'done' });
    expect(scripted.called).toEqual(['openUpkeep', ...acts, 'closeUpkeep']);
  });

  it.each([
    ['nobody has agreed', { yes: false }, 'needs-agreement'],
    ['somebody agreed to another list', { yes: false, agreedPlan: 'another' }, 'needs-agreement'],
    ['somebody agreed to this list', { yes: false, agreedPlan: 'the-list' }, 'done'],
  ] as const)('prunes only what was agreed to: %s', async (_, over, outcome) => {
    const scripted = upkeepActs();
    const result = await run(scripted, upkeepRequest(upkeepTasks.prune, over));
    expect(result).toMatchObject({ outcome, plan: { hash: 'the-list' } });
    expect(scripted.called.includes('pruneKept')).toBe(outcome === 'done');
  });

  it('that fails says why and releases the environment', async () => {
    const scripted = upkeepActs({ recoverPaths: 'fails' });
    const result = await run(scripted, upkeepRequest(upkeepTasks.recover));
    expect(result).toMatchObject({ outcome: 'failed', reason: 'recoverPaths could not be done' });
    expect(scripted.called.at(-1)).toBe('closeUpkeep');
  });
});
