import { ApplicationFailure } from '@temporalio/common';
import type { UndoRequest } from '../../contract/undo.ts';
import { type UndoStepName, undoSteps } from '../../runbook/undo-steps.ts';
import { requestOf } from './rollback-run.ts';

export interface UndoActs {
  readonly activities: Readonly<Record<string, (...args: unknown[]) => Promise<object>>>;
  /** Names of the acts, in the order in which they were called. */
  readonly called: readonly string[];
  /** How the undo said that it ended. */
  readonly ended: readonly unknown[];
}

const plan = {
  hash: 'the-plan',
  roots: ['agent'],
  repository: true,
  lines: ['data agent go back'],
  discards: [],
  exceptions: [] as readonly string[],
  nothingToDo: false,
};

/** Acts of an undo that do nothing: each answers as scripted, or as one that found its work to do. */
export function undoActs(over: Partial<Record<UndoStepName, object | 'fails'>> = {}): UndoActs {
  const called: string[] = [];
  const ended: unknown[] = [];
  const usual: Partial<Record<UndoStepName, object>> = {
    openUndo: { epoch: 7, dir: '/nowhere', alreadyUndone: false },
    planUndo: plan,
    proveUndoneFiles: { wrong: [], unknown: [] },
    proveUndoneContainers: { wrong: [], unknown: [] },
  };
  const activities = Object.fromEntries(
    (Object.keys(undoSteps) as UndoStepName[]).map((name) => [
      name,
      async (...args: unknown[]) => {
        called.push(name);
        if (name === 'closeUndo') ended.push(args[1]);
        const answer = over[name];
        if (answer === 'fails') throw ApplicationFailure.nonRetryable(`${name} could not be done`, 'refused');
        return { outcome: 'done', reason: 'scripted', ...usual[name], ...answer };
      },
    ]),
  );
  return { activities, called, ended };
}

export function undoRequest(): UndoRequest {
  const { environment, rollbackId, by, target, targetHash, timeScale } = requestOf({});
  return { environment, rollbackId, by, why: 'test', yes: true, agreedPlan: null, target, targetHash, timeScale };
}
