import { CancellationScope, upsertMemo } from '@temporalio/workflow';
import type { UpkeepActivities } from '../contract/activities.ts';
import { boardKey } from '../contract/board.ts';
import type { StepResult } from '../contract/step.ts';
import type { UpkeepDone, UpkeepPlanned, UpkeepRequest, UpkeepResult } from '../contract/upkeep.ts';
import { type UpkeepStepName, upkeepSteps } from '../runbook/upkeep-steps.ts';
import { type RowContext, reasonOf, runTableRow } from './table-row.ts';

/** Recover, commit and prune: short work under the environment's lock and a raised epoch. */
export async function upkeep(request: UpkeepRequest): Promise<UpkeepResult> {
  const run = new UpkeepRun(request);
  const opened = await run.row('openUpkeep', request);
  run.opened(opened.epoch, opened.dir);
  try {
    return await carryOut(run, request);
  } catch (error) {
    return run.result('failed', reasonOf(error), { lines: [] });
  } finally {
    await CancellationScope.nonCancellable(() => run.row('closeUpkeep'));
  }
}

async function carryOut(run: UpkeepRun, request: UpkeepRequest): Promise<UpkeepResult> {
  const { task } = request;
  switch (task.kind) {
    case 'recover':
      return run.done(await run.row('recoverPaths', task));
    case 'commit':
      return run.done(await run.row('commitRollback', task.rollbackId));
    case 'prune': {
      const plan = await run.row('planPrune', task.olderThanMs);
      run.agreedTo(plan);
      if (plan.bytes === 0) return run.result('already-done', plan.reason, plan);
      const agreed = request.yes || request.agreedPlan === plan.hash;
      return agreed ? run.done(await run.row('pruneKept')) : run.result('needs-agreement', plan.reason, plan);
    }
  }
}

class UpkeepRun {
  #context: RowContext;
  #plan: UpkeepPlanned | null = null;
  #path = '';
  readonly #request: UpkeepRequest;

  constructor(request: UpkeepRequest) {
    this.#request = request;
    const { environment, upkeepId: id, targetHash, timeScale } = request;
    this.#context = { environment, id, epoch: 0, targetHash, plans: {}, timeScale, prefix: 'upkeep' };
  }

  opened(epoch: number, path: string): void {
    this.#context = { ...this.#context, epoch };
    this.#path = path;
  }

  agreedTo(plan: UpkeepPlanned): void {
    this.#plan = plan;
    this.#context = { ...this.#context, plans: { prune: plan.hash } };
  }

  async row<N extends UpkeepStepName>(
    name: N,
    ...extra: readonly unknown[]
  ): Promise<Awaited<ReturnType<UpkeepActivities[N]>>> {
    const { upkeepId, environment, by } = this.#request;
    upsertMemo({ [boardKey]: { upkeepId, environment, step: name, by } });
    const result = await runTableRow<StepResult>(this.#context, { name, row: upkeepSteps[name] }, ...extra);
    // Which result a row has the contract says.
    return result as Awaited<ReturnType<UpkeepActivities[N]>>;
  }

  done({ outcome, reason, lines }: UpkeepDone): UpkeepResult {
    return this.result(outcome === 'already-done' ? 'already-done' : 'done', reason, { lines });
  }

  result(
    outcome: UpkeepResult['outcome'],
    reason: string,
    { lines }: { readonly lines: readonly string[] },
  ): UpkeepResult {
    const { upkeepId, task } = this.#request;
    return { upkeepId, kind: task.kind, outcome, reason, lines, plan: this.#plan, path: this.#path };
  }
}
