import { CancellationScope, upsertMemo } from '@temporalio/workflow';
import type { UndoActivities } from '../contract/activities.ts';
import { boardKey } from '../contract/board.ts';
import { undoIdOf } from '../contract/ids.ts';
import type { StepOptions, StepResult } from '../contract/step.ts';
import type { UndoBoard, UndoEnded, UndoPlanned, UndoProven, UndoRequest, UndoResult } from '../contract/undo.ts';
import { judgeUndo } from '../runbook/decide-undo.ts';
import { type UndoStepName, undoSteps } from '../runbook/undo-steps.ts';
import { type RowContext, reasonOf, runTableRow } from './table-row.ts';

/**
 * Brings back what was before a rollback, under lock and epoch: data and repository first, looked at while nothing runs
 * that could write, then the containers. Started without agreement it only plans, and nothing was changed.
 */
export async function undo(request: UndoRequest): Promise<UndoResult> {
  const run = new UndoRun(request);
  const opened = await run.row('openUndo', {}, request);
  if (opened.alreadyUndone) return run.result('already-undone', [opened.reason], opened.dir);
  run.context = { ...run.context, epoch: opened.epoch };
  let ended: UndoEnded = { verdict: null, reasons: [] };
  try {
    const plan = await run.row('planUndo');
    run.plan = plan;
    run.context = { ...run.context, plans: { undo: plan.hash } };
    if (!plan.nothingToDo && !agreed(request, plan)) return run.result('needs-agreement', [], opened.dir);
    ended = await carryOut(run, plan);
    return run.result(ended.verdict ?? 'failed', ended.reasons, opened.dir);
  } catch (error) {
    ended = { verdict: 'failed', reasons: [reasonOf(error)] };
    return run.result('failed', ended.reasons, opened.dir);
  } finally {
    await CancellationScope.nonCancellable(() => run.row('closeUndo', {}, ended));
  }
}

function agreed({ yes, agreedPlan }: UndoRequest, plan: UndoPlanned): boolean {
  return yes || agreedPlan === plan.hash;
}

/** The experiment is started on nothing that is half put back: a failure ends the way to it. */
async function carryOut(run: UndoRun, plan: UndoPlanned): Promise<UndoEnded> {
  const seen: UndoProven[] = [];
  try {
    await run.row('stopForUndo');
    for (const root of plan.roots) await run.row('undoData', { root });
    if (plan.repository) await run.row('undoRepository');
    const files = await run.row('proveUndoneFiles');
    seen.push(files);
    if (files.wrong.length > 0)
      return judged(plan, seen, ['The containers were not started on data that are not as before.']);
    await run.row('undoContainers');
    seen.push(await run.row('proveUndoneContainers'));
    return judged(plan, seen, []);
  } catch (error) {
    return judged(plan, seen, [reasonOf(error)]);
  }
}

function judged(plan: UndoPlanned, seen: readonly UndoProven[], failed: readonly string[]): UndoEnded {
  return judgeUndo({
    failed,
    wrong: seen.flatMap(({ wrong }) => wrong),
    unknown: seen.flatMap(({ unknown }) => unknown),
    exceptions: plan.exceptions,
  });
}

class UndoRun {
  context: RowContext;
  plan: UndoPlanned | null = null;
  readonly notes: string[] = [];
  readonly #request: UndoRequest;

  constructor(request: UndoRequest) {
    this.#request = request;
    const { environment, rollbackId, targetHash, timeScale } = request;
    this.context = {
      environment,
      id: undoIdOf(rollbackId),
      epoch: 0,
      targetHash,
      plans: {},
      timeScale,
      prefix: 'undo',
    };
  }

  async row<N extends UndoStepName>(
    name: N,
    options: StepOptions = {},
    ...extra: readonly unknown[]
  ): Promise<Awaited<ReturnType<UndoActivities[N]>>> {
    const { rollbackId, environment, by } = this.#request;
    upsertMemo({ [boardKey]: { rollbackId, environment, step: name, by } satisfies UndoBoard });
    const row = undoSteps[name];
    const result = await runTableRow<StepResult>(this.context, { name, row, options }, ...extra);
    this.notes.push(`${row.title}${options.root === undefined ? '' : ` (${options.root})`}: ${result.reason}`);
    // Which result a row has the contract says.
    return result as Awaited<ReturnType<UndoActivities[N]>>;
  }

  result(outcome: UndoResult['outcome'], reasons: readonly string[], path: string): UndoResult {
    return { rollbackId: this.#request.rollbackId, outcome, reasons, notes: this.notes, plan: this.plan, path };
  }
}
