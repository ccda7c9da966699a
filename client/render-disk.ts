import { noticesOnDisk, renderDeliveries } from './render-notices.ts';
import { renderPhase } from './render-steps.ts';
import type { RollbackOnDisk } from './rollback-files.ts';
import { byPhase } from './steps-view.ts';
import type { Style } from './style.ts';
import { dateTime, wrap } from './text.ts';

const states = {
  open: 'not closed: at work, or interrupted',
  'left-open': 'ended before its time: "rollback resume" goes on with it',
  closed: 'closed',
} as const satisfies Record<RollbackOnDisk['state'], string>;

/** What the state folder alone tells of a rollback, where no server can be asked. */
export function renderOnDisk(found: RollbackOnDisk, style: Style, now: number): readonly string[] {
  const { request, lastAt, judgement } = found;
  const scenario = request === undefined ? '' : `  ${request.scenario}`;
  return [
    `${style.bold(`Rollback ${found.rollbackId}`)}${scenario}`,
    ...(request === undefined
      ? []
      : wrap(`Asked by ${request.by.account}@${request.by.host}: ${request.reason}`, style.width)),
    `Journal: ${states[found.state]}${lastAt === null ? '' : `; last record ${dateTime(lastAt)}`}`,
    ...(judgement === undefined ? [] : [`Judged ${judgement.verdict} at ${dateTime(judgement.at)}.`]),
    '',
    ...byPhase(found.steps).flatMap((phase) => renderPhase(phase, found.state !== 'closed', style, now)),
    ...renderObligations(found, style),
    ...renderDeliveries(noticesOnDisk(found.files), style),
  ];
}

/** What is still owed, whatever the server says: the journal is the one place that knows. */
export function renderObligations({ obligations }: RollbackOnDisk, style: Style): readonly string[] {
  if (obligations.length === 0) return [];
  return ['', style.bold('Still owed:'), ...obligations.flatMap(({ what }) => wrap(`- ${what}`, style.width, '  '))];
}
