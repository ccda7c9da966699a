import { phases } from '../runbook/phases.ts';
import type { PhaseName } from '../runbook/steps.ts';
import { renderDiscards, renderHead, renderQuestion } from './render-board.ts';
import { renderStep } from './render-steps.ts';
import type { RollbackView } from './rollback-reader.ts';
import type { StepView } from './steps-view.ts';
import { phaseOfKey } from './steps-view.ts';
import type { Style } from './style.ts';
import { clockTime, oneLine } from './text.ts';

/**
 * What is new since the last look, one plain line per change: for pipes, logs and terminals that are not repainted.
 * @param before undefined at the first look: then everything so far is told
 */
export function renderChanges(
  before: RollbackView | undefined,
  view: RollbackView,
  style: Style,
  now: number,
): readonly string[] {
  const { board } = view;
  const old = before?.board;
  const lines: string[] = [];
  if (board !== undefined && old === undefined) lines.push(...renderHead(board, style));
  lines.push(...stepChanges(before, view, style, now));
  if (board === undefined) return [...lines, ...workerChange(before, view)];
  const told = new Set(old?.notices.map((notice) => `${notice.at} ${notice.text}`));
  for (const notice of board.notices) {
    if (!told.has(`${notice.at} ${notice.text}`)) lines.push(`${clockTime(notice.at)} ! ${oneLine(notice.text)}`);
  }
  if (board.discards.length > 0 && board.recoveryHash !== old?.recoveryHash)
    lines.push(...renderDiscards(board.discards, style));
  if (board.question !== null && board.question.id !== old?.question?.id) {
    lines.push(...renderQuestion(board.question, style, now), '  Answer with: rollback answer <option>');
  }
  if (board.healthyAt !== null && old?.healthyAt == null) {
    lines.push(`${clockTime(board.healthyAt)} The stable system is proven healthy.`);
  }
  return [...lines, ...workerChange(before, view)];
}

function stepChanges(
  before: RollbackView | undefined,
  view: RollbackView,
  style: Style,
  now: number,
): readonly string[] {
  const lines: string[] = [];
  const known = new Map(before?.steps.map((step) => [step.key, step]));
  let phase = lastToldPhase(before);
  for (const step of view.steps) {
    const earlier = known.get(step.key);
    if (!hasNews(earlier, step)) continue;
    const own = phaseOfKey(step.key);
    if (own !== undefined && own !== phase) {
      phase = own;
      lines.push(style.bold(phases[own].title));
    }
    lines.push(`${clockTime(step.endedAt ?? new Date(now).toISOString())} ${renderStep(step, style, now)}`);
  }
  return lines;
}

/** Of what was told before: a step that has begun is not told yet, and has had no heading. */
function lastToldPhase(before: RollbackView | undefined): PhaseName | undefined {
  const ended = before?.steps.filter((step) => step.endedAt !== null) ?? [];
  const last = ended.reduce<StepView | undefined>(
    (latest, step) => (latest === undefined || (latest.endedAt ?? '') <= (step.endedAt ?? '') ? step : latest),
    undefined,
  );
  return last === undefined ? undefined : phaseOfKey(last.key);
}

/** The watch over the experiment lasts until the verdict: that it is broken off then is how it ends. */
function isWatchsEnd(step: StepView): boolean {
  return step.state === 'cancelled' && step.key.endsWith('.watchExperiment');
}

/** A finished step is told once, a failing attempt once per attempt; that a step began is no news. */
function hasNews(earlier: StepView | undefined, step: StepView): boolean {
  if (isWatchsEnd(step)) return false;
  if (step.endedAt !== null) return earlier?.endedAt !== step.endedAt;
  return step.attempt > 1 && step.attempt !== earlier?.attempt;
}

function workerChange(before: RollbackView | undefined, view: RollbackView): readonly string[] {
  if (view.workerThere === (before?.workerThere ?? true)) return [];
  return view.workerThere
    ? ['A worker is at work again.']
    : [`No worker is at work for ${view.environment}: nothing goes on until "rollback up" on its host.`];
}
