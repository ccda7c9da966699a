/** When somebody can be reached who is not there at any time (runbook, "Primary Contacts"). */
export interface BusinessHours {
  readonly days: readonly Weekday[];
  /** Time of day, `09:00`; the end is no part of it. */
  readonly from: string;
  readonly to: string;
  /** IANA name: its daylight saving counts. */
  readonly timeZone: string;
}

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

const minuteMs = 60_000;
const stepMinutes = 5;
const lookAheadDays = 15;

/** @param at milliseconds since the epoch */
export function isWithin(hours: BusinessHours, at: number): boolean {
  return withinBy(hours)(at);
}

/** One formatter for many instants: it is what costs. */
function withinBy({ days, from, to, timeZone }: BusinessHours): (at: number) => boolean {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (at) => {
    const local = format.formatToParts(at);
    const part = (type: Intl.DateTimeFormatPartTypes): string => local.find((each) => each.type === type)?.value ?? '';
    const time = `${part('hour')}:${part('minute')}`;
    return days.includes(part('weekday').toLowerCase() as Weekday) && from <= time && time < to;
  };
}

/**
 * The next instant within the hours, in milliseconds since the epoch; the instant itself when it is within them. Looked for
 * in steps, since days of a time zone differ in length.
 * @returns undefined when there is none in the next two weeks: hours that a clock never shows
 */
export function nextWithin(hours: BusinessHours, at: number): number | undefined {
  const within = withinBy(hours);
  if (within(at)) return at;
  const start = Math.ceil(at / minuteMs) * minuteMs;
  const end = start + lookAheadDays * 24 * 60 * minuteMs;
  for (let step = start; step <= end; step += stepMinutes * minuteMs) {
    if (!within(step)) continue;
    let first = step;
    while (first - minuteMs >= start && within(first - minuteMs)) first -= minuteMs;
    return first;
  }
  return undefined;
}
