import type { Notice } from '../../contract/notices.ts';
import type { NoticeUrgency } from '../../runbook/notices.ts';

/** Plain JSON of a webhook and of a command's input: the notice as it is. */
export function plainPayload(notice: Notice): string {
  return JSON.stringify({ format: 1, ...notice });
}

/** Slack's incoming webhook: one text with a bold head (Slack, "Sending messages using incoming webhooks"). */
export function slackPayload(notice: Notice): string {
  return JSON.stringify({
    text: `*${escaped(headOf(notice))}*\n${escaped(notice.text)}\n_${notice.at} · ${notice.key}_`,
  });
}

/** Characters that Slack takes for mark-up of its own (Slack, "Formatting text for app surfaces"). */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const severities = { info: 'info', warning: 'warning', critical: 'critical' } as const satisfies Record<
  NoticeUrgency,
  string
>;

/** PagerDuty Events API v2, "Send an event": one alert for each notice, which the key tells from every other. */
export function pagerDutyPayload(notice: Notice, routingKey: string): string {
  return JSON.stringify({
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: notice.key,
    payload: {
      summary: `${headOf(notice)}: ${notice.text}`.slice(0, 1024),
      source: notice.environment,
      severity: severities[notice.urgency],
      timestamp: notice.at,
      component: notice.rollbackId,
      class: notice.event,
    },
  });
}

/** One line: what, and of which environment. */
export function headOf({ title, environment }: Notice): string {
  return `[${environment}] ${title}`;
}

/** @param perhapsSent an earlier try ended without an answer: the mail may be there already, under the same id */
export function mailOf(notice: Notice, perhapsSent: boolean): { readonly subject: string; readonly text: string } {
  const mark = perhapsSent ? ' (perhaps sent before)' : '';
  return {
    subject: `${headOf(notice)}${mark}`,
    text: [
      notice.text,
      '',
      `Rollback: ${notice.rollbackId} (${notice.scenario})`,
      `Came up:  ${notice.at}`,
      `Key:      ${notice.key}`,
      '',
    ].join('\n'),
  };
}

/** The same for every try, so that a mail server or reader can tell a repeated mail (RFC 5322, 3.6.4). */
export function messageIdOf({ key }: Notice, channel: string): string {
  return `<${`${key}.${channel}`.replace(/[^A-Za-z0-9.-]/g, '.')}@durable-rollback.invalid>`;
}
