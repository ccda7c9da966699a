import { setTimeout as wait } from 'node:timers/promises';
import type { Baseline } from '../../contract/records.ts';
import { type Spread, spreadOf } from '../../runbook/judge-performance.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import type { ContainerStats } from '../kernel/world.ts';
import { askProbe } from './ask-probe.ts';
import { countLogErrors, type LogErrors } from './count-log-errors.ts';
import { findStable, primaryOf } from './find-stable.ts';

/** Numbers of the running system. What could not be measured is null, never zero. */
export interface Measured {
  readonly at: string;
  readonly samples: number;
  readonly responseTimeMs: Spread | null;
  readonly memoryBytes: Spread | null;
  readonly cpuPercent: Spread | null;
  /** Share of samples without a right answer. */
  readonly errorRate: number | null;
  /** Samples answered with a status of 500 and above, or not at all. */
  readonly serverErrors: number;
  readonly logErrors: LogErrors | null;
}

type Place = Pick<Room, 'world' | 'target' | 'signal'>;

/** Each sample of the engine takes a second or two of its own: a few tell the median. */
const statSamples = 3;

/** Between two questions, so that they fall into the time in which CPU is sampled, in baseline and check alike. */
const pauseMs = 100;

/**
 * Asks the functional checks in turn, `samples` times in all, and samples memory and CPU of the primary container
 * meanwhile. The same function makes the checkpoint's baseline and the numbers that are held against it.
 * @param notBefore ISO instant; log lines before it are not counted
 */
export async function measure(room: Place, samples: number, notBefore?: string): Promise<Measured> {
  const at = new Date(room.world.now()).toISOString();
  const system = await findStable(room);
  const primary = primaryOf(room, system);
  const [answers, stats] = await Promise.all([askMany(room, samples), sampleStats(room, primary?.id)]);
  const right = answers.filter((answer) => answer.good);
  return {
    at,
    samples: answers.length,
    responseTimeMs: spreadOrNull(right.map((answer) => answer.elapsedMs)),
    memoryBytes: spreadOrNull(stats.map((sample) => sample.memoryBytes)),
    cpuPercent: spreadOrNull(stats.map((sample) => sample.cpuPercent)),
    errorRate: answers.length === 0 ? null : (answers.length - right.length) / answers.length,
    serverErrors: answers.filter(({ answer }) => answer === null || answer.status >= 500).length,
    logErrors: await countLogErrors(room, { notBefore, system }),
  };
}

/**
 * The measurement as a checkpoint's baseline.
 * @throws ActFailure `no-answer` when something could not be measured: half a baseline would let everything pass
 */
export function baselineOf(measured: Measured): Baseline {
  const { at, samples, responseTimeMs, memoryBytes, cpuPercent, errorRate, logErrors } = measured;
  if (!responseTimeMs || !memoryBytes || !cpuPercent || errorRate === null || !logErrors) {
    throw new ActFailure('no-answer', 'The stable system cannot be measured: no right answers, or it does not run.', {
      data: { samples, errorRate },
    });
  }
  return { at, samples, responseTimeMs, memoryBytes, cpuPercent, errorRate, logErrorsPerMinute: logErrors.perMinute };
}

async function askMany(room: Place, samples: number) {
  const { checks } = room.target;
  const answers = [];
  for (let n = 0; n < samples; n += 1) {
    const check = checks[n % Math.max(1, checks.length)];
    if (check === undefined) break;
    if (n > 0) await wait(pauseMs, undefined, { signal: room.signal });
    answers.push(await askProbe(room, check));
  }
  return answers;
}

async function sampleStats(room: Place, id: string | undefined): Promise<readonly ContainerStats[]> {
  const samples: ContainerStats[] = [];
  if (id === undefined) return samples;
  for (let n = 0; n < statSamples; n += 1) {
    const sample = await room.world.docker.stats(id);
    room.signal.throwIfAborted();
    if (sample !== undefined) samples.push(sample);
  }
  return samples;
}

function spreadOrNull(values: readonly number[]): Spread | null {
  return values.length === 0 ? null : spreadOf(values);
}
