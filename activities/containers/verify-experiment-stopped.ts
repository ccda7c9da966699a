import { ActFailure } from '../kernel/failures.ts';
import { readContainmentPlan } from '../kernel/records.ts';
import type { ActBody } from '../kernel/room.ts';
import { lives } from './change-container.ts';
import { readAdded } from './experiment-of.ts';
import { findSystems } from './find-containers.ts';

/**
 * Runbook 1.1, the proof of the stop: by a new search for labels and names, and by the ids of the plan; `ps` lists
 * the stable system as well and proves nothing (facts).
 * @throws ActFailure `docker-refused` naming what runs
 */
export const verifyExperimentStopped: ActBody = async (room) => {
  const { experiment } = await findSystems(room);
  const found = new Set(experiment.map(({ facts }) => facts.id));
  const known = [...readContainmentPlan(room).experiment, ...readAdded(room)].filter(({ id }) => !found.has(id));
  const others = await Promise.all(known.map(({ id }) => room.world.docker.inspect(id)));
  const all = [...experiment.map(({ facts }) => facts), ...others.filter((facts) => facts !== undefined)];
  const alive = all.filter(lives);
  if (alive.length > 0) {
    const names = alive.map(({ name, state }) => `${name} (${state})`).join(', ');
    throw new ActFailure('docker-refused', `Still there of the experiment: ${names}. This check stopped nothing.`, {
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
    reason: `Searched anew by label and name: none of ${all.length} containers of the experiment runs.`,
    figures: { containers: all.length, running: 0, wouldRestart: 0 },
  };
};
