/** What people outside hear of a rollback (runbook, "Contacts and Escalation"; "Communicate status to stakeholders"). */
export const noticeEvents = {
  started: { title: 'Rollback started', urgency: 'warning' },
  'phase-ended': { title: 'Phase of the rollback ended', urgency: 'info' },
  'taken-over': { title: 'The emergency path takes over', urgency: 'critical' },
  'question-waits': { title: 'A question waits for an answer', urgency: 'critical' },
  'half-time': { title: 'Half of the time target has passed', urgency: 'info' },
  'target-passed': { title: 'The time target has passed', urgency: 'warning' },
  'maximum-near': { title: 'The maximum time is near', urgency: 'critical' },
  'maximum-passed': { title: 'The maximum time has passed', urgency: 'critical' },
  escalated: { title: 'You are called', urgency: 'critical' },
  verdict: { title: 'Verdict', urgency: 'warning' },
} as const satisfies Record<string, NoticeRow>;

interface NoticeRow {
  readonly title: string;
  readonly urgency: NoticeUrgency;
}

/** How loud a channel that knows of loudness should be. */
export type NoticeUrgency = 'info' | 'warning' | 'critical';

export type NoticeEvent = keyof typeof noticeEvents;

/** Tried for so long, at growing intervals: a channel may be away as long as the incident lasts, and longer. */
export const noticeRetry = { initial: '2s', coefficient: 2, maximum: '5m', giveUp: '24h' } as const;
