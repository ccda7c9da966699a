import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { formatDuration } from '../runbook/duration.ts';
import { lastPassed, type TimeMark, timeMarks } from '../runbook/time-marks.ts';
import { awayMs } from '../runbook/timeouts.ts';
import type { Story } from './story.ts';

/**
 * Says once at each mark of the scenario's time how much is left. Timers that came due during an outage all wake in the
 * same second: only the highest mark is told, with the gap (design §3).
 */
export function watchClock(story: Story): CancellationScope {
  const scope = new CancellationScope({ cancellable: true });
  void scope
    .run(() => tellMarks(story))
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  return scope;
}

async function tellMarks(story: Story): Promise<void> {
  const { clockFrom, targetAt, maximumAt } = story.incident.board;
  const times = { from: Date.parse(clockFrom), targetAt: Date.parse(targetAt), maximumAt: Date.parse(maximumAt) };
  const marks = timeMarks(times);
  // What had passed before the start, by `--since`, is told as one.
  for (let next = 0; next < marks.length; ) {
    const mark = marks[next];
    if (mark === undefined) return;
    await until(mark.at, mark.timer);
    const passed = Math.max(next, lastPassed(marks, Date.now()));
    const last = marks[passed];
    if (last) tell(story, last);
    next = passed + 1;
  }
}

/** Timers can wake early by the wall clock after a jump: look again. */
async function until(at: number, summary: string): Promise<void> {
  for (let left = at - Date.now(); left > 0; left = at - Date.now()) await sleep(left, { summary });
}

function tell({ incident, people, mode }: Story, mark: TimeMark): void {
  if (incident.board.healthyAt !== null) return;
  const late = Date.now() - mark.at;
  const gap = late > awayMs ? ` (noticed ${formatDuration(late)} late: nothing ran in between)` : '';
  const offer =
    mark.offersEmergency && mode !== 'emergency' ? ' The emergency path can take over: rollback emergency.' : '';
  const text = `${mark.text}; the service is not yet proven healthy${gap}.${offer}`;
  incident.notice(text);
  people.tell(mark.event, text);
  if (mark.calls) people.call(mark.calls);
}
