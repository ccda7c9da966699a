import { renderClock, renderDiscards, renderHead, renderNotices, renderQuestion } from './render-board.ts';
import { renderEscalation } from './render-notices.ts';
import { isAtWork, renderPhase } from './render-steps.ts';
import type { RollbackView } from './rollback-reader.ts';
import { byPhase, phaseOfKey } from './steps-view.ts';
import type { Style } from './style.ts';
import { dateTime } from './text.ts';

/**
 * The whole of a rollback as it stands: for `status`, and repainted by `watch`.
 * @param now milliseconds since the epoch
 */
export function renderRollback(
  view: RollbackView,
  style: Style,
  now: number,
  options: { readonly allSteps: boolean },
): readonly string[] {
  const { board } = view;
  if (board === undefined) return renderUntaken(view, style);
  const open = (phase: string) =>
    options.allSteps ||
    (view.status === 'RUNNING' &&
      (phase === board.phase || view.steps.some((step) => isAtWork(step) && phaseOfKey(step.key) === phase)));
  const section = (lines: readonly string[]) => (lines.length === 0 ? [] : ['', ...lines]);
  return [
    ...renderHead(board, style),
    renderClock(board, style, now),
    ...section(byPhase(view.steps).flatMap((phase) => renderPhase(phase, open(phase.phase), style, now))),
    ...section(renderDiscards(board.discards, style)),
    ...section(renderNotices(board, 3, style)),
    ...section(renderEscalation(board, style)),
    ...section(renderState(view, style)),
    ...section(board.question === null ? [] : renderQuestion(board.question, style, now)),
  ];
}

/** Started, but no worker has looked at it yet. */
function renderUntaken(view: RollbackView, style: Style): readonly string[] {
  return [
    style.bold(`Rollback of ${view.environment}, started ${dateTime(view.startedAt)}`),
    ...(view.status === 'RUNNING'
      ? ['No worker has taken it yet.']
      : [`It ended without a board (${view.status.toLowerCase()}).`]),
    ...renderState(view, style),
  ];
}

/** What keeps it from going on, if anything. */
function renderState(view: RollbackView, style: Style): readonly string[] {
  if (view.status !== 'RUNNING') return [];
  const lines: string[] = [];
  if (!view.workerThere) {
    lines.push(
      style.red(`No worker is at work for ${view.environment}: nothing goes on until "rollback up" on its host.`),
    );
  }
  if (view.board?.paused) lines.push(style.yellow('Paused: nothing goes on until "rollback resume".'));
  return lines;
}
