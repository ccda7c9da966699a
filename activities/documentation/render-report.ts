import { resolve } from 'node:path';
import { documentsToUpdate, followUp, humanParts, mendAfterwards } from '../../runbook/after-rollback.ts';
import { formatDuration } from '../../runbook/duration.ts';
import {
  dataRecoveryOpening,
  emergencyClosing,
  emergencyOpening,
  immediateResponseSteps,
  systemValidationSteps,
} from '../../runbook/phases.ts';
import { isPartial } from '../../runbook/scenarios.ts';
import { rowOf, type StepName } from '../../runbook/steps.ts';
import { supportLine } from '../../runbook/support-line.ts';
import { timeTargetOf } from '../../runbook/time-targets.ts';
import type { Downtime } from './downtime.ts';
import type { IncidentFacts } from './incident-facts.ts';
import { list } from './list.ts';
import { proofLines } from './proof-lines.ts';
import { renderContacts } from './render-contacts.ts';
import { timelineOf, titleOf } from './timeline.ts';
import { oneLine, optional } from './write-checklist.ts';

/** More rows are in the journal: a report is read by people. */
const mostRows = 400;

/** The incident report in Markdown, from facts alone. Times are UTC. */
export function renderReport(facts: IncidentFacts): string {
  return [
    `# Incident report: ${facts.rollbackId}`,
    '',
    '> Drafted by the rollback. Parts marked **TO BE WRITTEN BY PEOPLE** are not known to a machine. All times are UTC.',
    section('Incident', incident(facts)),
    section('Verdict', verdict(facts)),
    section('Impact', impact(facts)),
    section('Root cause analysis', human('Root cause analysis')),
    section('Timeline', timeline(facts)),
    section('Proof', proofLines(facts)),
    section('What was not done', notDone(facts)),
    section('Still owed', list(facts.obligations, 'Nothing: every obligation of this rollback is settled.')),
    section('Lessons learned', human('Lessons learned')),
    section('Contacts and escalation', renderContacts(facts)),
    section('Post-rollback activities', [...toMend(facts), ...activities()]),
    section('Where things are', places(facts)),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string {
  return ['', `## ${title}`, '', ...lines].join('\n');
}

function human(part: keyof typeof humanParts): readonly string[] {
  return [`**TO BE WRITTEN BY PEOPLE.** ${humanParts[part]}`];
}

function incident({ target, request, mode, records, checkpointId }: IncidentFacts): readonly string[] {
  const { runbook, environment } = target;
  const started = records.find((record) => record.kind === 'note' && record.text === 'started')?.at ?? records[0]?.at;
  const resumed = records.filter((record) => record.kind === 'note' && record.text === 'resumed').length;
  return [
    `- environment: ${environment}`,
    `- runbook: ${runbook.document}, version ${runbook.version}`,
    ...(request === null
      ? ['- request: not on this host']
      : [
          `- scenario: ${request.scenario}${mode === 'emergency' && request.scenario !== 'emergency' ? ', then the emergency path' : ''}`,
          `- why: ${oneLine(request.reason)}`,
          `- started by: ${request.who}`,
          `- clock from: ${request.clockFrom}`,
          ...(request.timeScale === 1 ? [] : [`- practice: times scaled by ${request.timeScale}`]),
        ]),
    `- rollback began: ${started ?? 'unknown'}${resumed === 0 ? '' : `, resumed ${resumed} times`}`,
    `- checkpoint: ${target.repository.checkpoint}${checkpointId === null ? ' (the git ref only, nothing recorded)' : `, recorded as ${checkpointId}`}`,
  ];
}

function verdict({ conclusion, judgement, target }: IncidentFacts): readonly string[] {
  const found = conclusion?.verdict ?? judgement?.verdict;
  if (found === undefined) return ['**not-proven**: the world was not judged.'];
  const reasons = conclusion?.reasons ?? judgement?.reasons ?? [];
  const items = judgement?.items ?? [];
  const open = items.filter((item) => item.status !== 'pass');
  const applicable = items.filter((item) => item.status !== 'not-applicable').length;
  return [
    `**${found}**${judgement === null ? ': the world was not judged.' : `, read from the world at ${judgement.at}: ${items.length - open.length} of ${applicable} items of the checklist pass.`}`,
    ...(conclusion === null || conclusion.ending === 'finished'
      ? []
      : ['', `The rollback was ${endings[conclusion.ending]}.`]),
    ...(reasons.length === 0 ? [] : ['', ...list(reasons, '')]),
    ...(open.length === 0
      ? []
      : [
          '',
          'Items that do not simply pass:',
          '',
          ...open.map((item) => `- ${item.id}: ${item.status}${optional(item)}: ${oneLine(item.measured)}`),
        ]),
    ...(found === 'failed' ? ['', `**${supportLine(target.contacts)}**`] : []),
  ];
}

const endings = { cancelled: 'cancelled; it can be resumed', 'gave-up': 'given up', finished: 'finished' } as const;

function impact(facts: IncidentFacts): readonly string[] {
  const { downtime, downtimeNote } = facts;
  return [
    'Downtime of the stable system, by inspect and journal:',
    '',
    ...(downtime.length === 0
      ? [`- ${downtimeNote ?? 'unknown: no containment plan was made'}`]
      : downtime.map((each) => `- ${each.service}: ${downText(each)}`)),
    '',
    clock(facts),
    '',
    'Data discarded from their place (each kept where it says):',
    '',
    ...list(discards(facts), 'None.'),
  ];
}

function downText({ kind, from, until, ms, why }: Downtime): string {
  switch (kind) {
    case 'none':
      return `not down for a moment (${why})`;
    case 'down':
      return `down ${((ms ?? 0) / 1000).toFixed(1)} s, from ${from} to ${until} (${why})`;
    case 'still-down':
      return `**down** since ${from ?? 'an unknown time'}: ${why}`;
    case 'unknown':
      return `unknown: ${why}`;
  }
}

function clock({ request, conclusion, target }: IncidentFacts): string {
  if (request === null) return 'Time target: unknown.';
  const { targetMs, maximumMs } = timeTargetOf(target, request.scenario);
  const scale = request.timeScale;
  const limits = `target ${formatDuration(targetMs * scale)}, maximum ${formatDuration(maximumMs * scale)}`;
  const healthyAt = conclusion?.healthyAt ?? null;
  if (healthyAt === null) return `Service was not proven healthy by the end (${limits}).`;
  const used = Date.parse(healthyAt) - Date.parse(request.clockFrom);
  const kept =
    used <= targetMs * scale ? 'within target' : used <= maximumMs * scale ? '**over target**' : '**over maximum**';
  return `Service proven healthy at ${healthyAt}, ${formatDuration(used)} after the clock began: ${kept} (${limits}).`;
}

function discards({ recovery, rollbackDir }: IncidentFacts): readonly string[] {
  return (recovery?.discards ?? []).map(
    ({ what, files, bytes, changedSince, keptAt }) =>
      `${what}: ${files} files, ${bytes} bytes, changed since ${changedSince ?? 'an unknown time'}; kept at \`${resolve(rollbackDir, keptAt)}\``,
  );
}

function timeline({ records, events, eventsNote }: IncidentFacts): readonly string[] {
  const rows = timelineOf(records, events);
  const dropped = rows.length - mostRows;
  return [
    ...rows.slice(0, mostRows).map(({ at, source, text }) => `- \`${at}\` ${source}: ${oneLine(text)}`),
    ...(dropped > 0 ? [`- … and ${dropped} more, in the journal`] : []),
    '',
    eventsNote,
  ];
}

function notDone(facts: IncidentFacts): readonly string[] {
  const { recovery, judgement } = facts;
  return list(
    [
      ...(recovery?.roots ?? [])
        .filter(({ action }) => action !== 'put-back')
        .map(({ root, action, reasons }) => `data root ${root} was not put back (${action}): ${reasons.join(' ')}`),
      ...(recovery === null ? ['no recovery plan was made: nothing was put back'] : []),
      ...(recovery?.questions ?? []).map(({ root, why }) => `a question about ${root}: ${why}`),
      ...(recovery?.conflicts ?? []).map((conflict) => `a conflict between sources: ${conflict}`),
      ...badSteps(facts),
      ...untouched(facts).map((step) => `never began: ${rowOf(step).title}`),
      ...(judgement?.items ?? [])
        .filter(({ status }) => status === 'unknown' || status === 'needs-human')
        .map(({ id, measured }) => `not proven: ${id}: ${measured}`),
    ],
    'Nothing was left out.',
  );
}

/** The last word on each step counts: an attempt that failed before a good one is in the timeline. */
function badSteps({ records }: IncidentFacts): readonly string[] {
  const last = new Map<string, { readonly result: string; readonly reason: string }>();
  for (const record of records) {
    if (record.kind === 'open') last.set(record.step, { result: 'begun, its end is not known', reason: '' });
    if (record.kind === 'close') last.set(record.step, record);
  }
  return [...last]
    .filter(([key, { result }]) => counts(key) && !/^(done|already-done)$/.test(result))
    .map(([key, { result, reason }]) => `${titleOf(key)}: ${result}. ${reason}`);
}

/** The watch has no end of its own, and the documentation is still at work. */
function counts(key: string): boolean {
  return !/^(documentation|closing)\./.test(key) && !key.endsWith('.watchExperiment');
}

/** Rows that this kind of rollback has and that the journal does not know. */
function untouched({ records, request, mode }: IncidentFacts): readonly StepName[] {
  const begun = new Set(records.map(({ step }) => /^[^.]*\.([^:]*)/.exec(step)?.[1]));
  const full = [...immediateResponseSteps, ...dataRecoveryOpening, ...systemValidationSteps];
  const rows: readonly StepName[] =
    request?.scenario === 'emergency' || mode === 'emergency' ? [...emergencyOpening, ...emergencyClosing] : full;
  return [...new Set(rows)].filter((step) => !begun.has(step));
}

function toMend({ request, target }: IncidentFacts): readonly string[] {
  if (request === null || !isPartial(request.scenario)) return [];
  const owner = target.partial.owner ?? '**nobody is named in the target**';
  return [`- [ ] ${mendAfterwards[request.scenario]} (owner: ${owner})`, ''];
}

function activities(): readonly string[] {
  return [
    ...followUp.flatMap(({ title, within, activities }) => [
      `${title} (${within}):`,
      '',
      ...activities.map((activity) => `- [ ] ${activity}`),
      '',
    ]),
    'Documents (runbook 4.3):',
    '',
    ...documentsToUpdate.map((what) => `- [ ] ${what}`),
  ];
}

function places({ rollbackDir }: IncidentFacts): readonly string[] {
  return [
    `- checklist: \`${rollbackDir}/report/checklist.md\``,
    `- judgement: \`${rollbackDir}/report/judgement.json\``,
    `- plans: \`${rollbackDir}/plan\``,
    `- evidence: \`${rollbackDir}/evidence\` (raw files are for their owner only)`,
    `- safety copy: \`${rollbackDir}/safety\``,
    `- archives: \`${rollbackDir}/archive\` (one to share, one raw and private)`,
    `- journal: \`${rollbackDir}/journal\``,
  ];
}
