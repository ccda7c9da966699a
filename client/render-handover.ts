import { type Handover, nextCommand, openSteps } from './handover.ts';
import { renderClock, renderDiscards, renderHead, renderQuestion } from './render-board.ts';
import { renderEscalation } from './render-notices.ts';
import { renderStep } from './render-steps.ts';
import { byPhase } from './steps-view.ts';
import type { Style } from './style.ts';
import { dateTime, plural, wrap } from './text.ts';

/** A card for whoever takes over: done, open, owed, who waits for what, and the one command to type. */
export function renderHandover(card: Handover, style: Style, now: number): readonly string[] {
  const { board } = card;
  const next = nextCommand(card);
  return [
    ...headOf(card, style),
    ...(board === undefined ? [] : [renderClock(board, style, now)]),
    ...section('Done', doneOf(card), style),
    ...section('Open', openOf(card, style, now), style),
    ...section('Still owed, whatever happens', owed(card, style), style),
    ...(board === undefined ? [] : spaced(renderDiscards(board.discards, style))),
    ...(board === undefined ? [] : spaced(renderEscalation(board, style))),
    ...(board?.question ? spaced(renderQuestion(board.question, style, now)) : []),
    '',
    style.bold('Type next'),
    `  ${next.command}`,
    ...wrap(`(${next.why})`, style.width, '  '),
  ];
}

function headOf({ board, disk, environment }: Handover, style: Style): readonly string[] {
  if (board !== undefined) return [...renderHead(board, style), ...verdictOf(board.verdict)];
  if (disk === undefined) return [`Nothing is known of a rollback of ${environment}.`];
  const { request, judgement } = disk;
  return [
    style.bold(`Rollback ${disk.rollbackId}`),
    ...(request === undefined
      ? []
      : wrap(`Asked by ${request.by.account}@${request.by.host}: ${request.reason}`, style.width)),
    ...(judgement === undefined ? [] : [`Judged ${judgement.verdict} at ${dateTime(judgement.at)}.`]),
  ];
}

function verdictOf(verdict: string | null): readonly string[] {
  return verdict === null ? [] : [`Verdict: ${verdict}`];
}

/** A line for each phase: details are in `status --all`. */
function doneOf({ steps }: Handover): readonly string[] {
  return byPhase(steps).flatMap(({ title, steps: all }) => {
    const done = all.length - openSteps(all).length;
    return done === 0 ? [] : [`${title}: ${done} of ${plural(all.length, 'step')} begun so far`];
  });
}

function openOf({ steps }: Handover, style: Style, now: number): readonly string[] {
  return openSteps(steps).map((step) => renderStep(step, style, now));
}

function owed({ disk }: Handover, style: Style): readonly string[] {
  return (disk?.obligations ?? []).flatMap(({ what }) => wrap(`- ${what}`, style.width - 2));
}

function section(title: string, lines: readonly string[], style: Style): readonly string[] {
  return ['', style.bold(title), ...(lines.length === 0 ? ['  nothing'] : lines.map((line) => `  ${line}`))];
}

function spaced(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}
