import { ApplicationFailure } from '@temporalio/common';
import type { UpkeepRequest, UpkeepTask } from '../../contract/upkeep.ts';
import { type UpkeepStepName, upkeepSteps } from '../../runbook/upkeep-steps.ts';
import { requestOf } from './rollback-run.ts';

const usual: Partial<Record<UpkeepStepName, object>> = {
  openUpkeep: { epoch: 3, dir: '/nowhere' },
  planPrune: { hash: 'the-list', bytes: 10, lines: ['free /nowhere/safety'] },
};

/** Acts of an upkeep that do nothing, and the names of those that were called. */
export function upkeepActs(over: Partial<Record<UpkeepStepName, object | 'fails'>> = {}) {
  const called: string[] = [];
  const activities = Object.fromEntries(
    (Object.keys(upkeepSteps) as UpkeepStepName[]).map((name) => [
      name,
      async () => {
        called.push(name);
        const answer = over[name];
        if (answer === 'fails') throw ApplicationFailure.nonRetryable(`${name} could not be done`, 'refused');
        return { outcome: 'done', reason: 'scripted', lines: ['a line'], ...usual[name], ...answer };
      },
    ]),
  );
  return { activities, called };
}

export const upkeepTasks = {
  recover: { kind: 'recover', rollbackId: 'r1', paths: ['/data/a'], to: null },
  commit: { kind: 'commit', rollbackId: 'r1' },
  prune: { kind: 'prune', olderThanMs: 1 },
} as const satisfies Record<UpkeepTask['kind'], UpkeepTask>;

export function upkeepRequest(task: UpkeepTask, over: Partial<UpkeepRequest> = {}): UpkeepRequest {
  const { environment, by, target, targetHash, timeScale } = requestOf({});
  const base = { environment, by, target, targetHash, timeScale, why: 'test', yes: true, agreedPlan: null };
  return { ...base, upkeepId: `${task.kind}-1`, task, ...over };
}
