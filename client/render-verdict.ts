import type { Judgement } from '../contract/records.ts';
import type { RollbackResult, Verdict } from '../contract/rollback.ts';
import { checklistIds, itemOf } from '../runbook/checklist.ts';
import { renderProof } from './render-proof.ts';
import type { Style } from './style.ts';
import { plural, wrap } from './text.ts';

const colours = {
  restored: 'green',
  'restored-with-exceptions': 'yellow',
  'not-proven': 'yellow',
  failed: 'red',
} as const satisfies Record<Verdict, 'green' | 'yellow' | 'red'>;

const meanings = {
  restored: 'the stable system serves, every required item of the checklist was measured and passes',
  'restored-with-exceptions': 'the stable system serves; exceptions are listed',
  'not-proven': 'something required could not be proven; a person has to look',
  failed: 'the stable system does not serve as required',
} as const satisfies Record<Verdict, string>;

/** How it ended, why, and where to read on. */
export function renderVerdict(
  result: RollbackResult,
  more: { readonly judgement: Judgement | undefined; readonly uiLink: string | undefined },
  style: Style,
): readonly string[] {
  const paint = style[colours[result.verdict]];
  return [
    paint(style.bold(`VERDICT: ${result.verdict}`)),
    ...wrap(meanings[result.verdict], style.width, '  '),
    ...result.reasons.flatMap((reason) => wrap(`- ${reason}`, style.width, '  ')),
    ...(more.judgement === undefined
      ? []
      : [...renderChecklist(more.judgement, result.reasons, style), ...renderProof(more.judgement, style)]),
    ...(result.openObligations === 0
      ? []
      : [style.red(`${plural(result.openObligations, 'obligation')} still open: rollback status lists them.`)]),
    ...(result.reportPath === null ? ['No report was written.'] : [`Report: ${result.reportPath}`]),
    ...(more.uiLink === undefined ? [] : [`Temporal UI: ${more.uiLink}`]),
  ];
}

/** Counts of the checklist, and each item that does not simply pass and that no reason has told already. */
function renderChecklist(judgement: Judgement, told: readonly string[], style: Style): readonly string[] {
  const { items } = judgement;
  const count = (status: string) => items.filter((item) => item.status === status).length;
  const open = items.filter(({ id, status }) => status !== 'pass' && !told.some((reason) => isAbout(reason, id)));
  return [
    `Checklist: ${plural(items.length, 'item')}: ${count('pass')} pass, ${count('fail')} fail, ${count('unknown')} unknown, ${count('needs-human')} for a human, ${count('not-applicable')} not applicable`,
    ...open.flatMap((item) =>
      wrap(`- ${item.id}: ${item.status}${optional(item)}: ${item.measured}`, style.width, '  '),
    ),
  ];
}

/** Reasons of the judgement begin with the title of their item (runbook/judge.ts). */
function isAbout(reason: string, id: string): boolean {
  return checklistIds.some((known) => known === id && reason.startsWith(`${itemOf(known).title}:`));
}

/** What does not apply is neither required nor optional. */
function optional({ status, required }: Judgement['items'][number]): string {
  return required || status === 'not-applicable' ? '' : ' (optional)';
}
