import { ActFailure } from '../kernel/failures.ts';
import { readContainmentPlan } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { lives } from './change-container.ts';
import { doForEach } from './do-for-each.ts';
import { readAdded } from './experiment-of.ts';
import { findSystems } from './find-containers.ts';
import { putBack } from './put-back.ts';
import { stageOf } from './stage-of.ts';

/**
 * Runbook 1.1, the proof of the stop: by a new search for labels and names, and by the ids of the plan; `ps` lists
 * the stable system as well and proves nothing (facts).
 * What this rollback had stopped and somebody has started again is stopped again and written down first.
 * @throws ActFailure `docker-refused` naming what runs
 */
export const verifyExperimentStopped: ActBody = async (room) => {
  const first = await lookFor(room);
  const back = first.filter((facts) => lives(facts) && stageOf(room, facts.id) === 'stopped');
  await doForEach('put back', back, (facts) => putBack(room, facts, { stage: 'stopped', isNew: false }));
  const all = back.length === 0 ? first : await lookFor(room);
  const alive = all.filter(lives);
  if (alive.length > 0) {
    const names = alive.map(({ name, state }) => `${name} (${state})`).join(', ');
    throw new ActFailure('docker-refused', `Still there of the experiment: ${names}. ${tellBack(back)}`, {
      data: { ids: alive.map(({ id }) => id) },
    });
  }
  const restarting = all.filter(({ restartPolicy }) => restartPolicy.name !== 'no').map(({ name }) => name);
  if (restarting.length > 0) {
    return {
      outcome: 'unknown',
      reason: `Nothing of the experiment runs, but a restart of Docker would bring back ${restarting.join(', ')}.`,
      figures: { containers: all.length, running: 0, wouldRestart: restarting.length },
    };
  }
  return {
    outcome: 'done',
    reason: `Searched anew by label and name: none of ${all.length} containers of the experiment runs. ${tellBack(back)}`,
    figures: { containers: all.length, running: 0, wouldRestart: 0 },
  };
};

/** Whatever belongs to the experiment: found anew, and known by id. */
async function lookFor(room: Room): Promise<readonly ContainerFacts[]> {
  const { experiment } = await findSystems(room);
  const found = new Set(experiment.map(({ facts }) => facts.id));
  const known = [...readContainmentPlan(room).experiment, ...readAdded(room)].filter(({ id }) => !found.has(id));
  const others = await Promise.all(known.map(({ id }) => room.world.docker.inspect(id)));
  return [...experiment.map(({ facts }) => facts), ...others.filter((facts) => facts !== undefined)];
}

function tellBack(back: readonly ContainerFacts[]): string {
  if (back.length === 0) return 'This check stopped nothing.';
  return `Started again by somebody, and stopped again by this check: ${back.map(({ name }) => name).join(', ')}.`;
}
