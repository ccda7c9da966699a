import { judgeMeasured } from '../checks/judge-measured.ts';
import { keepEvidence } from '../checks/keep-evidence.ts';
import { measure } from '../checks/measure.ts';
import { experimentOf } from '../containers/experiment-of.ts';
import { findRecord, readCheckpoint } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';

/** What users feel, and what a limit of the experiment can change. */
const items = ['response-times', 'response-time-limit', 'memory-limit', 'cpu-limit', 'error-rate'] as const;

/**
 * One sample of the watch over a limited experiment (runbook, "Scenario 2"): the stable system against its baseline,
 * with what the experiment uses beside it. `done` is within the limits, `failed` is not, `unknown` proves nothing.
 */
export const samplePerformance: ActBody = async (room) => {
  const baseline = readCheckpoint(room)?.baseline ?? null;
  const measured = await measure(room, room.target.performance.samples, findRecord(room, 'containment')?.at);
  const judged = judgeMeasured(room.target, measured, baseline);
  const relevant = items.map((id) => ({ id, ...judged[id] }));
  const experiment = await useOfExperiment(room);
  const n = room.input.options.sample ?? 1;
  const file = keepEvidence(room, `partial/sample-${n}.json`, { measured, baseline, items: relevant, experiment });
  const failed = relevant.filter(({ status }) => status === 'fail');
  const unknown = relevant.filter(({ status }) => status !== 'pass' && status !== 'fail');
  const told = failed.length > 0 ? failed : unknown.length > 0 ? unknown : relevant;
  return {
    outcome: failed.length > 0 ? 'failed' : unknown.length > 0 ? 'unknown' : 'done',
    reason: `Sample ${n}: ${told.map((item) => item.measured).join('; ')}`,
    figures: { sample: n, responseTimeMs: Math.round(measured.responseTimeMs?.median ?? -1) },
    files: [file],
  };
};

async function useOfExperiment(room: Room) {
  const { docker } = room.world;
  const { containers } = await experimentOf(room);
  return Promise.all(
    containers.map(async ({ id, name }) => {
      const runs = (await docker.inspect(id))?.state === 'running';
      return { name, stats: runs ? ((await docker.stats(id)) ?? null) : null };
    }),
  );
}
