import type { Outcome } from '../contract/step.ts';
import { phases } from '../runbook/phases.ts';
import type { PhaseName, StepRow } from '../runbook/steps.ts';
import { steps } from '../runbook/steps.ts';

/** A step as people see it: how it ended, or how far it is. */
export interface StepView {
  /** Row of the step table with its phase: `dataRecovery.restoreData:agent`. */
  readonly key: string;
  readonly title: string;
  readonly activityId: string;
  readonly state: Outcome | 'scheduled' | 'running' | 'retrying' | 'cancelled';
  readonly reason: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly attempt: number;
}

export interface PendingStep {
  readonly activityId: string;
  readonly attempt: number;
  readonly running: boolean;
  readonly lastFailure: string;
}

/** Steps with what the server knows of those at work. */
export function withPending(all: readonly StepView[], pending: readonly PendingStep[]): readonly StepView[] {
  return all.map((step) => {
    const at = step.state === 'scheduled' ? pending.find((one) => one.activityId === step.activityId) : undefined;
    if (at === undefined) return step;
    const state = at.running ? 'running' : at.attempt > 1 ? 'retrying' : 'scheduled';
    return { ...step, state, attempt: at.attempt, reason: at.lastFailure };
  });
}

export interface PhaseView {
  readonly phase: PhaseName;
  readonly title: string;
  readonly window: readonly [number, number | null];
  readonly steps: readonly StepView[];
}

/** Steps by phase, in the order of the runbook; a step of no known phase is left to the UI. */
export function byPhase(all: readonly StepView[]): readonly PhaseView[] {
  return phaseNames()
    .map((phase) => ({
      phase,
      title: phases[phase].title,
      window: phases[phase].windowMinutes,
      steps: all.filter((step) => phaseOfKey(step.key) === phase),
    }))
    .filter((view) => view.steps.length > 0);
}

export function phaseOfKey(key: string): PhaseName | undefined {
  const name = key.split('.', 1)[0] ?? '';
  return phaseNames().find((phase) => phase === name);
}

/** The row's prose with what singles it out: `Put the data back: agent`. */
export function titleOfKey(key: string): string {
  const [, name = '', suffix] = /^[^.]*\.([^:]*)(?::(.*))?$/.exec(key) ?? [];
  const rows: Readonly<Record<string, StepRow>> = steps;
  const title = rows[name]?.title ?? key;
  return suffix === undefined ? title : `${title}: ${suffix}`;
}

function phaseNames(): readonly PhaseName[] {
  // The table's keys are the phases; Object.keys forgets it.
  const names: PhaseName[] = [];
  for (const name of Object.keys(phases)) if (isPhase(name)) names.push(name);
  return names;
}

function isPhase(name: string): name is PhaseName {
  return name in phases;
}
