import { allHandlersFinished, condition, defineSignal, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { signalNames } from '../contract/ids.ts';
import type { PhaseInput, PhaseResult, RecoveryPlanned, StopReason } from '../contract/rollback.ts';
import type { DoneStep, PlanHashes, StepOptions } from '../contract/step.ts';
import type { PhaseName, StepName } from '../runbook/steps.ts';
import { rowOf } from '../runbook/steps.ts';
import type { StepContext } from './run-step.ts';
import { runStep, stepKey } from './run-step.ts';

export interface Row {
  readonly step: StepName;
  readonly options?: StepOptions;
  readonly suffix?: string;
}

const stopAtSafePoint = defineSignal(signalNames.stopAtSafePoint);

/** A phase at work: rows in order, until they are through, one is exhausted, or the parent asks to stop. */
export class PhaseRun {
  readonly done: DoneStep[] = [];
  plans: PlanHashes;
  recovery: RecoveryPlanned | undefined;
  readonly #input: PhaseInput;
  readonly #phase: PhaseName;
  #stopAsked = false;

  constructor(input: PhaseInput, phase: PhaseName) {
    this.#input = input;
    this.#phase = phase;
    this.plans = input.plans;
    this.recovery = input.recovery;
    setHandler(stopAtSafePoint, () => {
      this.#stopAsked = true;
    });
  }

  /** @returns null when all rows are through, else the result to hand to the parent */
  async run(rows: readonly Row[]): Promise<PhaseResult | null> {
    for (const row of rows) {
      const key = stepKey({
        phase: this.#phase,
        step: row.step,
        ...(row.suffix === undefined ? {} : { suffix: row.suffix }),
      });
      if (this.#input.settled.includes(key)) continue;
      if (this.#stopAsked) return this.end(key, 'asked-to-stop');
      const ended = await this.#runRow(row, key);
      if (!this.#goesOn(ended)) return this.end(key, 'exhausted');
    }
    return null;
  }

  /** The emergency path always goes on: its last rows are what brings the service back. */
  #goesOn(ended: DoneStep): boolean {
    if (ended.outcome !== 'failed' && ended.outcome !== 'unknown') return true;
    return this.#input.mode === 'emergency' || rowOf(ended.step).exhausted === 'continue';
  }

  async #runRow(row: Row, key: string): Promise<DoneStep> {
    const startedAt = new Date().toISOString();
    setCurrentDetails(`${rowOf(row.step).title}${row.suffix === undefined ? '' : `: ${row.suffix}`} …`);
    const attempt = await runStep(this.context(), { phase: this.#phase, ...row });
    const outcome = 'exhausted' in attempt ? attempt.exhausted : attempt.result;
    if ('result' in attempt) this.#note(row.step, attempt.result);
    const done: DoneStep = {
      key,
      step: row.step,
      outcome: outcome.outcome,
      reason: outcome.reason,
      startedAt,
      endedAt: new Date().toISOString(),
    };
    this.done.push(done);
    return done;
  }

  /** Plans made on the way are told to the steps after them. */
  #note(step: StepName, result: object): void {
    if (step === 'planPartial') this.plans = { ...this.plans, partial: (result as RecoveryPlanned).hash };
    if (step === 'planRecovery') {
      this.recovery = result as RecoveryPlanned;
      this.plans = { ...this.plans, recovery: this.recovery.hash };
    }
  }

  /** A durable wait that ends early when the parent asks to stop. @returns whether it did */
  async waitUntil(atMs: number): Promise<boolean> {
    if (atMs > Date.now()) await condition(() => this.#stopAsked, atMs - Date.now());
    return this.#stopAsked;
  }

  context(): StepContext {
    const { request, epoch, mode, round } = this.#input;
    return {
      environment: request.environment,
      rollbackId: request.rollbackId,
      epoch,
      targetHash: request.targetHash,
      plans: this.plans,
      mode,
      timeScale: request.timeScale,
      round,
    };
  }

  async finished(): Promise<PhaseResult> {
    await condition(allHandlersFinished);
    return this.end(null, 'finished');
  }

  end(stoppedAt: string | null, why: StopReason): PhaseResult {
    return {
      doneSteps: this.done,
      stoppedAt,
      why,
      plans: this.plans,
      ...(this.recovery ? { recovery: this.recovery } : {}),
    };
  }
}
