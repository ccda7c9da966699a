import { beforeAll, describe, expect, it } from 'vitest';
import { workflowTypes } from '../../contract/ids.ts';
import type { UndoRequest, UndoResult } from '../../contract/undo.ts';
import { withClosedWorkflow } from '../support/rollback-run.ts';
import { type UndoActs, undoActs, undoRequest } from '../support/undo-acts.ts';
import { quietRuntime } from '../support/workflow-bundle.ts';

beforeAll(quietRuntime);

function run(acts: UndoActs, request: Partial<UndoRequest> = {}): Promise<UndoResult> {
  const args = [{ ...undoRequest(), ...request }];
  return withClosedWorkflow(acts.activities, { type: workflowTypes.undo, args }, (handle) => handle.result());
}

const all = [
  ...['openUndo', 'planUndo', 'stopForUndo', 'undoData', 'undoRepository', 'proveUndoneFiles'],
  ...['undoContainers', 'proveUndoneContainers', 'closeUndo'],
];

describe('the undo', () => {
  it('puts files back and looks at them before it starts a container', async () => {
    const acts = undoActs();
    expect(await run(acts)).toMatchObject({ outcome: 'undone', reasons: [] });
    expect(acts.called).toEqual(all);
    expect(acts.ended).toEqual([{ verdict: 'undone', reasons: [] }]);
  });

  it.each([
    ['nobody has agreed', { yes: false }, 'needs-agreement'],
    ['somebody agreed to another plan', { yes: false, agreedPlan: 'another' }, 'needs-agreement'],
    ['somebody agreed to this plan', { yes: false, agreedPlan: 'the-plan' }, 'undone'],
  ] as const)('when %s it ends as it should', async (_, request, outcome) => {
    const acts = undoActs();
    expect(await run(acts, request)).toMatchObject({ outcome, plan: { hash: 'the-plan' } });
    const asked = ['openUndo', 'planUndo', 'closeUndo'];
    expect(acts.called).toEqual(outcome === 'undone' ? all : asked);
  });

  it('does nothing when it is done already', async () => {
    const acts = undoActs({ openUndo: { alreadyUndone: true } });
    expect(await run(acts)).toMatchObject({ outcome: 'already-undone' });
    expect(acts.called).toEqual(['openUndo']);
  });

  it.each(['stopForUndo', 'undoData', 'undoRepository'] as const)(
    'starts nothing of the experiment when %s fails, and releases the environment',
    async (step) => {
      const acts = undoActs({ [step]: 'fails' });
      const result = await run(acts);
      expect(result).toMatchObject({ outcome: 'failed', reasons: [`${step} could not be done`] });
      expect(acts.called).not.toContain('undoContainers');
      expect(acts.called.at(-1)).toBe('closeUndo');
    },
  );

  it('starts nothing on data that a look finds to be other than before', async () => {
    const acts = undoActs({ proveUndoneFiles: { wrong: ['agent: 1 differ'], unknown: [] } });
    expect(await run(acts)).toMatchObject({ outcome: 'failed' });
    expect(acts.called).not.toContain('undoContainers');
  });

  it('is not proven where something could not be looked at, and tells what is not as it was', async () => {
    const unseen = undoActs({ proveUndoneFiles: { wrong: [], unknown: ['store: cannot be read'] } });
    expect(await run(unseen)).toMatchObject({ outcome: 'not-proven', reasons: ['store: cannot be read'] });
    const made = undoActs({ planUndo: { exceptions: ['cache: made again'] } });
    expect(await run(made)).toMatchObject({ outcome: 'undone-with-exceptions', reasons: ['cache: made again'] });
  });
});
