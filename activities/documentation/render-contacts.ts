import { noticeEvents } from '../../runbook/notices.ts';
import type { IncidentFacts } from './incident-facts.ts';
import { oneLine } from './write-checklist.ts';

/** Whom to reach, and what people outside have been told (runbook, "Contacts and Escalation"). */
export function renderContacts({ target, notices }: Pick<IncidentFacts, 'target' | 'notices'>): readonly string[] {
  const people = target.contacts.map(
    ({ level, name, reach, hours }) =>
      `- Level ${level}: ${name}: ${reach.join(', ')}${hours === undefined ? '' : ` (${hours})`}`,
  );
  if (notices.length === 0) return people;
  return [
    ...people,
    '',
    'Told so far (a channel that was away may have it later):',
    '',
    ...notices.map(
      ({ at, channel, event, state, tries, said }) =>
        `- ${at} ${noticeEvents[event].title}: ${channel}, ${state}, ${tries} tries${said === '' ? '' : ` (${oneLine(said)})`}`,
    ),
  ];
}
