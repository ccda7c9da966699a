import { setTimeout as wait } from 'node:timers/promises';
import {
  judgeSoak,
  type Sighting,
  type SoakJudgement,
  type SoakObservation,
  type SoakRule,
} from '../../runbook/judge-soak.ts';
import type { Room } from '../kernel/room.ts';
import { askProbe } from './ask-probe.ts';
import { findStable, type StableContainer } from './find-stable.ts';

export interface Soaked {
  readonly judgement: SoakJudgement;
  /** The last looks, oldest first. */
  readonly observations: readonly SoakObservation[];
  readonly looks: number;
  readonly tookMs: number;
  /** ISO instant of the first look of the good run; null while it is not steady. */
  readonly healthyAt: string | null;
}

/** Looks that are kept: more than any rule asks for. */
const kept = 500;

/** Looks at containers and health probe until they were steady for the soak time, or the deadline is over. */
export async function soak(
  room: Pick<Room, 'world' | 'target' | 'signal' | 'progress'>,
  options: {
    readonly rule: SoakRule;
    readonly deadlineMs: number;
    /** Told when a look finds containers that do not run. */
    readonly whenDown?: (down: readonly StableContainer[]) => Promise<void>;
  },
): Promise<Soaked> {
  const { rule, deadlineMs, whenDown = async () => undefined } = options;
  const observations: (SoakObservation & { readonly at: string })[] = [];
  const started = performance.now();
  const pauseMs = Math.min(2_000, Math.max(100, rule.overMs / Math.max(1, rule.answers - 1)));
  for (let looks = 1; ; looks += 1) {
    observations.push(await look(room, started, whenDown));
    if (observations.length > kept) observations.shift();
    const judgement = judgeSoak(observations, rule);
    room.progress(judgement.reason);
    const tookMs = performance.now() - started;
    if (judgement.steady || tookMs + pauseMs > deadlineMs) {
      const first = observations.at(-judgement.answers);
      return { judgement, observations, looks, tookMs, healthyAt: judgement.steady ? (first?.at ?? null) : null };
    }
    await wait(pauseMs, undefined, { signal: room.signal });
  }
}

async function look(
  room: Pick<Room, 'world' | 'target' | 'signal'>,
  started: number,
  whenDown: (down: readonly StableContainer[]) => Promise<void>,
) {
  const at = new Date(room.world.now()).toISOString();
  const answer = await askProbe(room, room.target.health);
  const { containers, missing } = await findStable(room);
  const down = containers.filter(({ facts }) => facts.state !== 'running');
  if (down.length > 0) await whenDown(down);
  return {
    at,
    atMs: performance.now() - started,
    containers: containers.map(sightingOf),
    missing,
    answer: { good: answer.good, said: answer.said },
  };
}

function sightingOf({ facts }: StableContainer): Sighting {
  return {
    name: facts.name,
    id: facts.id,
    running: facts.state === 'running',
    startedAt: facts.startedAt,
    restartCount: facts.restartCount,
    oomKilled: facts.oomKilled,
    unhealthy: facts.health === 'unhealthy',
  };
}
