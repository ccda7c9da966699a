import { captureData } from '../activities/checkpoint/capture-data.ts';
import { containExperiment } from '../activities/containers/contain-experiment.ts';
import { planContainment } from '../activities/containers/plan-containment.ts';
import { stopExperiment } from '../activities/containers/stop-experiment.ts';
import { verifyExperimentStopped } from '../activities/containers/verify-experiment-stopped.ts';
import { captureContainerState } from '../activities/evidence/capture-container-state.ts';
import { captureLiveLogs } from '../activities/evidence/capture-live-logs.ts';
import { boundedResult } from '../activities/kernel/bounded.ts';
import type { ActBody } from '../activities/kernel/room.ts';
import type { StepResult } from '../contract/step.ts';
import { benchRooms, type Opener } from './bench-room.ts';

/** What one act has cost. */
export interface ActCost {
  readonly act: string;
  readonly outcome: string;
  /** Of its result as JSON: what enters the history. */
  readonly payloadBytes: number;
  readonly figures: StepResult['figures'];
}

export interface Cost {
  readonly acts: readonly ActCost[];
  /** Resident before the acts began, and at most. */
  readonly startBytes: number;
  readonly peakBytes: number;
}

const jobs = {
  log: [planContainment, captureLiveLogs],
  files: [captureData],
  containers: [planContainment, containExperiment, captureContainerState, stopExperiment, verifyExperimentStopped],
} as const satisfies Record<string, readonly ActBody[]>;

export type Job = keyof typeof jobs;

/**
 * A program: `run-acts.js <job> <folder> <project>` runs the acts of a job in this process, one after the other, and
 * prints what they have cost. A process of its own, so that its memory is theirs and can be limited.
 */
async function main(job: Job, folder: string, project: string): Promise<Cost> {
  const open = benchRooms(folder, project);
  const startBytes = process.memoryUsage.rss();
  const acts: ActCost[] = [];
  let plans = {};
  for (const body of jobs[job]) {
    const result = await runAct(open, body, plans);
    if ('hash' in result && body === planContainment) plans = { containment: result.hash };
    const payloadBytes = Buffer.byteLength(JSON.stringify(result));
    acts.push({ act: body.name, outcome: result.outcome, payloadBytes, figures: result.figures });
  }
  return { acts, startBytes, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

async function runAct(open: Opener, body: ActBody, plans: object): Promise<StepResult> {
  const place = body === captureData ? 'checkpoint' : 'rollback';
  const room = await open({ key: `bench.${body.name}`, plans, options: { root: 'data' } }, place);
  try {
    const result = await body(room);
    room.ended(result.outcome, result.reason);
    return boundedResult(result);
  } finally {
    room.close();
  }
}

const [job = '', folder = '', project = ''] = process.argv.slice(2);
if (!Object.hasOwn(jobs, job)) throw new TypeError(`expected ${Object.keys(jobs).join(', ')}, got "${job}"`);
process.stdout.write(`${JSON.stringify(await main(job as Job, folder, project))}\n`);
