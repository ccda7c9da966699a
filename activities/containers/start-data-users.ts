import { ActFailure } from '../kernel/failures.ts';
import { readRecoveryPlan } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { awaitState } from './change-container.ts';
import { doForEach } from './do-for-each.ts';
import { findSystems } from './find-containers.ts';
import { experimentGoesOn, givePoliciesBack, settleServing } from './stable-obligations.ts';

/**
 * The other end of `stopDataUsers` when only data go back (runbook, "Scenario 3"): the same containers by id, so that
 * each mounts the folder that is there now. The stable system first; what needs it finds it.
 * @throws ActFailure naming what does not run, after all others do
 */
export const startDataUsers: ActBody = async (room) => {
  const { stopForData } = readRecoveryPlan(room);
  const { stable, experiment } = await findSystems(room);
  const policies = await givePoliciesBack(room);
  let started = 0;
  for (const system of [stable, experiment]) {
    const users = system.map(({ facts }) => facts).filter(({ id }) => stopForData.includes(id));
    const how = await doForEach('started', users, (facts) => start(room, facts));
    started += how.filter((one) => one).length;
  }
  const present = [...stable, ...experiment].map(({ facts }) => facts.id);
  const gone = stopForData.filter((id) => !present.includes(id));
  if (gone.length > 0) {
    const ids = gone.map((id) => id.slice(0, 12)).join(', ');
    throw new ActFailure('refused', `Of what was stopped for the swap ${ids} is gone; all others were started.`);
  }
  await settleServing(room);
  settleExperiment(room);
  return {
    outcome: started > 0 || policies > 0 ? 'done' : 'already-done',
    reason: `${stopForData.length} container(s) use the data again, under the same ids; ${started} were started.`,
    figures: { planned: stopForData.length, started },
  };
};

/** @returns whether anything had to be done */
async function start(room: Room, { id, name, state }: ContainerFacts): Promise<boolean> {
  if (state === 'running') return false;
  const kind = state === 'paused' ? 'unpause' : 'start';
  await room.effect({ kind, target: id, recovery: 'do-again', detail: { name } }, () => room.world.docker[kind](id));
  await awaitState(room, { id, name }, 'does not run after it was started', (now) => now?.state === 'running');
  return true;
}

function settleExperiment(room: Room): void {
  if (!room.journal.openObligations().some(({ id }) => id === experimentGoesOn)) return;
  room.discharge(experimentGoesOn, 'The experiment goes on under the same ids.');
}
