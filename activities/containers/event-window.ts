/** Instants as the engine takes them: ISO, or `0` for all that it remembers. */
export interface EventWindow {
  readonly since: string;
  readonly until: string;
}

/**
 * A window that the engine answers at once. For an end in its future it would wait, and a beginning after the end it
 * refuses: both come about when a wall clock was set. Where the clock was set back, all that it remembers is asked for.
 * @param engineNow the present on the engine's own clock
 */
export function eventWindow(wanted: EventWindow, engineNow: string): EventWindow {
  const until = Date.parse(wanted.until) < Date.parse(engineNow) ? wanted.until : engineNow;
  return { since: Date.parse(wanted.since) < Date.parse(until) ? wanted.since : '0', until };
}
