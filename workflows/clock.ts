import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { formatDuration } from '../runbook/duration.ts';
import { awayMs } from '../runbook/timeouts.ts';
import type { Incident } from './incident.ts';

/**
 * Says once when the time target passes and once when the maximum does. Timers that came due during an outage all wake
 * in the same second: only the highest mark is told, with the gap (design §3).
 */
export function watchClock(incident: Incident, offerEmergency: () => boolean): CancellationScope {
  const scope = new CancellationScope({ cancellable: true });
  void scope
    .run(() => tellMarks(incident, offerEmergency))
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  return scope;
}

async function tellMarks(incident: Incident, offerEmergency: () => boolean): Promise<void> {
  const targetAt = Date.parse(incident.board.targetAt);
  const maximumAt = Date.parse(incident.board.maximumAt);
  await until(targetAt, 'Time target of the scenario');
  if (Date.now() < maximumAt) {
    tell(incident, 'The time target has passed', targetAt, '');
    await until(maximumAt, 'Maximum time of the scenario');
  }
  const offer = offerEmergency() ? ' The emergency path can take over: rollback emergency.' : '';
  tell(incident, 'The maximum time has passed', maximumAt, offer);
}

/** Timers can wake early by the wall clock after a jump: look again. */
async function until(at: number, summary: string): Promise<void> {
  for (let left = at - Date.now(); left > 0; left = at - Date.now()) await sleep(left, { summary });
}

function tell(incident: Incident, what: string, markAt: number, offer: string): void {
  if (incident.board.healthyAt !== null) return;
  const late = Date.now() - markAt;
  const gap = late > awayMs ? ` (noticed ${formatDuration(late)} late: nothing ran in between)` : '';
  incident.notice(`${what}; the service is not yet proven healthy${gap}.${offer}`);
}
