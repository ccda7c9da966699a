import { ApplicationFailure, Context } from '@temporalio/activity';
import type { RollbackActivities } from '../../contract/activities.ts';
import type { RecoveryPlanned } from '../../contract/rollback.ts';
import type { StepInput, StepResult } from '../../contract/step.ts';
import type { StepName } from '../../runbook/steps.ts';
import { steps } from '../../runbook/steps.ts';

/**
 * A small world for tests of the orchestration: every act answers `done` unless the test says otherwise, and what was
 * asked for is kept in order. No act touches anything; that the acts do is proven elsewhere, on the real world.
 */
export interface ScriptedActs {
  readonly activities: RollbackActivities;
  /** Inputs in the order in which the acts began. */
  readonly calls: readonly StepInput[];
  /** `phase.step` of each call. */
  readonly keys: () => readonly string[];
  /** Answers for one step; the last one stays. A function may wait, throw or look at its input. */
  readonly script: (step: StepName, ...answers: readonly Answer[]) => void;
}

export type Answer = Partial<StepResult> | ((input: StepInput) => Promise<object> | object);

export const emptyRecovery: RecoveryPlanned = {
  outcome: 'done',
  reason: 'nothing has to go back',
  hash: 'recovery-hash',
  steps: [],
  discards: [],
  questions: [],
  checkpoint: { id: 'cp', commit: '0'.repeat(40) },
  conflicts: 0,
};

const defaults: Partial<Record<StepName, object>> = {
  openRollback: { epoch: 1, resumed: false, rollbackDir: '/nowhere' },
  takeOver: { epoch: 2, resumed: false, rollbackDir: '/nowhere' },
  planContainment: { hash: 'containment-hash' },
  planRecovery: emptyRecovery,
  startStable: { outcome: 'already-done' },
  planPartial: { ...emptyRecovery, hash: 'partial-hash' },
  judgeWorld: { verdict: 'restored', reasons: [], items: [] },
};

export function scriptedActs(): ScriptedActs {
  const calls: StepInput[] = [];
  const scripts = new Map<StepName, Answer[]>();
  const act = (step: StepName) => async (input: StepInput) => {
    calls.push(input);
    const queue = scripts.get(step);
    const answer = (queue && queue.length > 1 ? queue.shift() : queue?.[0]) ?? {};
    const given = typeof answer === 'function' ? await answer(input) : answer;
    return { outcome: 'done', reason: `${step} was scripted`, ...defaults[step], ...given };
  };
  const activities = Object.fromEntries((Object.keys(steps) as StepName[]).map((step) => [step, act(step)]));
  activities['watchExperiment'] = untilCancelled;
  Object.assign(activities, { sendNotice: async () => ({}), pingDeadMan: untilCancelled });
  return {
    activities: activities as unknown as RollbackActivities,
    calls,
    keys: () => calls.map((call) => call.key),
    script: (step, ...answers) => {
      scripts.set(step, [...answers]);
    },
  };
}

/** As the real watch: it ends when the verdict is there. */
async function untilCancelled(): Promise<StepResult> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 500);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(beat);
  }
}

/** An act that fails for good. */
export function fails(type: string, message: string): Answer {
  return () => {
    throw ApplicationFailure.create({ type, message, nonRetryable: true });
  };
}

/** An act that answers only when the test opens the gate. */
export function gate(): { readonly answer: Answer; readonly open: () => void; readonly reached: Promise<void> } {
  let open = (): void => undefined;
  let reach = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const answer = async (): Promise<object> => {
    reach();
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), 200);
    try {
      await Promise.race([opened, context.cancelled]);
      return {};
    } finally {
      clearInterval(beat);
    }
  };
  return { answer, open, reached };
}
