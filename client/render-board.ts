import type { Board, Question } from '../contract/board.ts';
import type { Discard } from '../contract/rollback.ts';
import { formatDuration } from '../runbook/duration.ts';
import type { Style } from './style.ts';
import { clip, clockTime, dateTime, formatBytes, oneLine, plural, wrap } from './text.ts';

/** Who, what, since when, why. */
export function renderHead(board: Board, style: Style): readonly string[] {
  const mode =
    board.mode === 'emergency' && board.scenario !== 'emergency' ? `${board.scenario}, emergency path` : board.scenario;
  return [
    `${style.bold(`Rollback ${board.rollbackId}`)}  ${mode}`,
    ...wrap(
      `Started ${dateTime(board.startedAt)} by ${board.by.account}@${board.by.host}: ${board.reason}`,
      style.width,
    ),
  ];
}

/** Time used against target and maximum; the clock stops when the service is proven healthy. */
export function renderClock(board: Board, style: Style, now: number): string {
  const from = Date.parse(board.clockFrom);
  const target = Date.parse(board.targetAt) - from;
  const maximum = Date.parse(board.maximumAt) - from;
  const used = (board.healthyAt === null ? now : Date.parse(board.healthyAt)) - from;
  const limits = `target ${formatDuration(target)}, maximum ${formatDuration(maximum)}`;
  const text =
    board.healthyAt === null
      ? `Clock: ${formatDuration(used)} used (${limits})`
      : `Clock: proven healthy after ${formatDuration(used)} (${limits})`;
  if (used > maximum) return style.red(`${text}: over the maximum`);
  if (used > target) return style.yellow(`${text}: over the target`);
  return style.green(text);
}

/** What the recovery plan takes back, and where it is kept. */
export function renderDiscards(discards: readonly Discard[], style: Style): readonly string[] {
  if (discards.length === 0) return [];
  const rows = discards.flatMap((discard) => {
    const since = discard.changedSince === null ? '' : `, changed since ${dateTime(discard.changedSince)}`;
    const size = `${plural(discard.files, 'file')}, ${formatBytes(discard.bytes)}`;
    // Wrapped, never cut: where it is kept stands at the end.
    const [first = '', ...rest] = wrap(`${discard.what} (${size}${since}); kept at ${discard.keptAt}`, style.width - 4);
    return [`  - ${first}`, ...rest.map((line) => `    ${line}`)];
  });
  return [style.bold('Discarded by the recovery plan:'), ...rows];
}

/** The open question with numbered options, what holds without an answer and when. */
export function renderQuestion(question: Question, style: Style, now: number): readonly string[] {
  const left = Date.parse(question.deadline) - now;
  const when = left > 0 ? `in ${formatDuration(left)}, at ${clockTime(question.deadline)}` : 'now';
  return [
    style.yellow(style.bold('QUESTION')),
    ...wrap(question.text, style.width - 2, '  '),
    ...question.options.map(
      (option, index) => `  ${index + 1}  ${clip(`${option.name}: ${option.means}`, style.width - 6)}`,
    ),
    style.yellow(`  Without an answer ${question.defaultOption} holds ${when}.`),
  ];
}

/** Lines that make the last notices readable; older ones are in Temporal UI and in the report. */
export function renderNotices(board: Board, count: number, style: Style): readonly string[] {
  return board.notices
    .slice(-count)
    .map((notice) => style.dim(clip(`${clockTime(notice.at)} ${oneLine(notice.text)}`, style.width)));
}
