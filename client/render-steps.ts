import { formatDuration } from '../runbook/duration.ts';
import type { PhaseView, StepView } from './steps-view.ts';
import type { Style } from './style.ts';
import { clip, oneLine } from './text.ts';

type State = StepView['state'];

/** Sign and word of each state: the word tells without colour and to a screen reader. */
const marks = {
  done: ['✔', 'green', ''],
  'already-done': ['✔', 'green', 'already done'],
  skipped: ['–', 'dim', 'skipped'],
  failed: ['✘', 'red', 'FAILED'],
  unknown: ['?', 'yellow', 'UNKNOWN'],
  cancelled: ['–', 'dim', 'broken off'],
  scheduled: ['·', 'dim', 'waits'],
  running: ['▸', 'cyan', 'at work'],
  retrying: ['↻', 'yellow', 'waits to try again'],
} as const satisfies Record<State, readonly [string, 'green' | 'dim' | 'red' | 'yellow' | 'cyan', string]>;

/** One line per step: mark, what it does, how it ended and why. */
export function renderStep(step: StepView, style: Style, now: number): string {
  const [sign, colour, word] = marks[step.state];
  const parts = [word, attemptText(step), timeText(step, now)].filter((part) => part !== '');
  const detail = parts.length === 0 ? '' : ` [${parts.join(', ')}]`;
  const head = `${step.title}${detail}`;
  const reason = step.reason === '' ? '' : `: ${oneLine(step.reason)}`;
  return `${style[colour](sign)} ${clip(`${head}${reason}`, style.width - 6)}`;
}

function attemptText(step: StepView): string {
  return step.attempt > 1 && step.endedAt === null ? `attempt ${step.attempt}` : '';
}

/** A step that lasts shows for how long; a finished one only when it was long. */
function timeText(step: StepView, now: number): string {
  if (step.endedAt === null) return formatDuration(Math.max(0, now - Date.parse(step.startedAt)));
  const took = Date.parse(step.endedAt) - Date.parse(step.startedAt);
  return took >= 10_000 ? formatDuration(took) : '';
}

/** Whether the operator must see the step also when its phase is folded. */
export function isNotable(step: StepView): boolean {
  return step.state === 'failed' || step.state === 'unknown';
}

export function isAtWork(step: StepView): boolean {
  return step.endedAt === null;
}

/** A phase: folded to one line with what went wrong in it, or open with every step. */
export function renderPhase(view: PhaseView, open: boolean, style: Style, now: number): readonly string[] {
  const [from, to] = view.window;
  const window = to === null ? `from ${from} min` : `${from}–${to} min`;
  const counted = countText(view.steps);
  const head = `${style.bold(view.title)} ${style.dim(`(${window})`)} ${counted}`;
  const shown = open ? view.steps : view.steps.filter(isNotable);
  return [head, ...shown.map((step) => `  ${renderStep(step, style, now)}`)];
}

function countText(steps: readonly StepView[]): string {
  const ended = steps.filter((step) => step.endedAt !== null).length;
  const bad = steps.filter(isNotable).length;
  return `${ended} of ${steps.length} steps${bad === 0 ? '' : `, ${bad} failed or unknown`}`;
}
