import type { EscalationCause } from './escalation.ts';
import type { NoticeEvent } from './notices.ts';

/** An instant at which people are told how much time is left (runbook, "Rollback Time Targets"). */
export interface TimeMark {
  readonly event: Extract<NoticeEvent, 'half-time' | 'target-passed' | 'maximum-near' | 'maximum-passed'>;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
  /** What the timer is for, in Temporal UI. */
  readonly timer: string;
  /** People are called from here on. */
  readonly calls: EscalationCause | null;
  readonly offersEmergency: boolean;
}

/** The maximum is near when so much of the way to it has gone. */
const nearShare = 0.9;

/** @param times milliseconds since the epoch, in order of time where a target says nothing unusual */
export function timeMarks(times: {
  readonly from: number;
  readonly targetAt: number;
  readonly maximumAt: number;
}): readonly TimeMark[] {
  const { from, targetAt, maximumAt } = times;
  const marks: readonly TimeMark[] = [
    {
      event: 'half-time',
      at: from + (targetAt - from) / 2,
      text: 'Half of the time target has passed',
      timer: 'Half of the time target',
      calls: null,
      offersEmergency: false,
    },
    {
      event: 'target-passed',
      at: targetAt,
      text: 'The time target has passed',
      timer: 'Time target of the scenario',
      calls: 'target-passed',
      offersEmergency: false,
    },
    {
      event: 'maximum-near',
      at: from + (maximumAt - from) * nearShare,
      text: 'The maximum time is near',
      timer: 'Before the maximum time of the scenario',
      calls: null,
      offersEmergency: true,
    },
    {
      event: 'maximum-passed',
      at: maximumAt,
      text: 'The maximum time has passed',
      timer: 'Maximum time of the scenario',
      calls: 'maximum-passed',
      offersEmergency: true,
    },
  ];
  return [...marks].sort((a, b) => a.at - b.at);
}

/** Of the marks that have passed only the last is told: after an outage one notice, not four. */
export function lastPassed(marks: readonly TimeMark[], now: number): number {
  return marks.findLastIndex((mark) => mark.at <= now);
}
