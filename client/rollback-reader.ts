import type { WorkflowExecutionDescription, WorkflowExecutionStatusName, WorkflowHandle } from '@temporalio/client';
import type { Board } from '../contract/board.ts';
import { rollbackWorkflowId } from '../contract/ids.ts';
import { boardOf } from './board.ts';
import type { Connected } from './connect.ts';
import { uiLink } from './connect.ts';
import type { Place } from './environment.ts';
import { pendingOf, stepsOfHistory } from './history.ts';
import { somebodyPolls } from './pollers.ts';
import type { StepView } from './steps-view.ts';
import { withPending } from './steps-view.ts';

/** What can be seen of a rollback from outside: needs the server, no worker (design §3). */
export interface RollbackView {
  readonly workflowId: string;
  readonly runId: string;
  readonly environment: string;
  readonly status: WorkflowExecutionStatusName;
  readonly startedAt: string;
  readonly closedAt: string | null;
  /** Undefined until a worker took the rollback for the first time. */
  readonly board: Board | undefined;
  readonly steps: readonly StepView[];
  readonly workerThere: boolean;
  readonly uiLink: string | undefined;
}

/** Reads one rollback again and again; histories that did not grow are not fetched a second time. */
export class RollbackReader {
  readonly #connected: Connected;
  readonly #place: Place;
  readonly #seen = new Map<string, { readonly length: number; readonly steps: readonly StepView[] }>();
  readonly #closed = new Set<string>();

  constructor(connected: Connected, place: Place) {
    this.#connected = connected;
    this.#place = place;
  }

  get handle(): WorkflowHandle {
    return this.#connected.client.workflow.getHandle(rollbackWorkflowId(this.#place.environment));
  }

  /** @returns undefined when the server knows no rollback of this environment */
  async read(): Promise<RollbackView | undefined> {
    const description = await this.describe();
    if (description === undefined) return undefined;
    const board = boardOf(description.memo);
    const own = await this.#stepsOf(
      description,
      this.#connected.client.workflow.getHandle(description.workflowId, description.runId),
    );
    const children = await this.#childSteps(board?.children ?? []);
    return {
      workflowId: description.workflowId,
      runId: description.runId,
      environment: this.#place.environment,
      status: description.status.name,
      startedAt: description.startTime.toISOString(),
      closedAt: description.closeTime?.toISOString() ?? null,
      board,
      steps: inOrder([...own, ...children]),
      workerThere: description.status.name !== 'RUNNING' || (await somebodyPolls(this.#connected, this.#place)),
      uiLink: uiLink(this.#connected, description.workflowId),
    };
  }

  async describe(): Promise<WorkflowExecutionDescription | undefined> {
    return found(this.handle.describe());
  }

  async #childSteps(children: readonly string[]): Promise<readonly StepView[]> {
    const all: StepView[] = [];
    for (const id of children) {
      const kept = this.#seen.get(id);
      if (kept !== undefined && this.#closed.has(id)) {
        all.push(...kept.steps);
        continue;
      }
      const handle = this.#connected.client.workflow.getHandle(id);
      const description = await found(handle.describe());
      if (description === undefined) continue;
      all.push(...(await this.#stepsOf(description, handle)));
      if (description.status.name !== 'RUNNING') this.#closed.add(id);
    }
    return all;
  }

  async #stepsOf(description: WorkflowExecutionDescription, handle: WorkflowHandle): Promise<readonly StepView[]> {
    const { workflowId: id, historyLength: length } = description;
    const kept = this.#seen.get(id);
    const steps = kept?.length === length ? kept.steps : stepsOfHistory(await handle.fetchHistory());
    this.#seen.set(id, { length, steps });
    if (description.status.name !== 'RUNNING') return endedWith(steps, description.closeTime);
    return withPending(steps, pendingOf(description.raw.pendingActivities));
  }
}

/** A step that its workflow did not wait for was broken off with it: nothing of a closed workflow is at work. */
function endedWith(steps: readonly StepView[], closedAt: Date | undefined): readonly StepView[] {
  return steps.map((step) =>
    step.endedAt === null ? { ...step, state: 'cancelled', endedAt: closedAt?.toISOString() ?? step.startedAt } : step,
  );
}

/** A step tried again in a later child replaces its earlier try. */
function inOrder(all: readonly StepView[]): readonly StepView[] {
  const latest = new Map<string, StepView>();
  for (const step of all) {
    const before = latest.get(step.key);
    if (before === undefined || before.startedAt <= step.startedAt) latest.set(step.key, step);
  }
  return [...latest.values()].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

async function found<T>(wanted: Promise<T>): Promise<T | undefined> {
  try {
    return await wanted;
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return undefined;
    throw error;
  }
}
