import type { PlannedContainer } from '../../contract/records.ts';
import type { StepOptions } from '../../contract/step.ts';
import { captureDoomed } from '../evidence/capture-doomed-containers.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { endContainer, forbidRestart, lives, settleLost } from './change-container.ts';
import { doForEach } from './do-for-each.ts';
import { experimentOf } from './experiment-of.ts';
import { tally } from './tally.ts';

type Ended = 'stopped' | 'killed' | 'already stopped' | 'gone';

interface EndedOne {
  readonly how: Ended;
  readonly policyChanged: boolean;
}

const rounds = 3;

/**
 * Runbook 1.1, the stop: by id, in parallel, with restart policy `no` first. Nothing is removed:
 * stopped containers keep their logs and layers until `undo`, `release` or `prune`. Where the data may be corrupt or
 * with `security`, killed without being unpaused (design §4.1).
 * @throws ActFailure naming what could not be stopped, after all others were
 */
export const stopExperiment: ActBody = async (room) => {
  const all = new Map<string, EndedOne>();
  for (let round = 1; round <= rounds; round += 1) {
    const { containers } = await experimentOf(room);
    const fresh = containers.filter(({ id }) => !all.has(id));
    if (fresh.length === 0) break;
    const ended = await doForEach('stopped', fresh, (planned) => end(room, planned));
    fresh.forEach(({ id }, n) => {
      const one = ended[n];
      if (one !== undefined) all.set(id, one);
    });
  }
  const list = [...all.values()];
  const changed = list.some(({ how, policyChanged }) => policyChanged || how === 'stopped' || how === 'killed');
  const count = (wanted: Ended) => list.filter(({ how }) => how === wanted).length;
  return {
    outcome: changed ? 'done' : 'already-done',
    reason:
      list.length === 0
        ? 'No container belongs to the experiment: there was nothing to stop.'
        : `Of ${list.length} containers of the experiment: ${tally(list.map(({ how }) => how))}. None is removed by us, none restarts.`,
    figures: {
      containers: list.length,
      stopped: count('stopped'),
      killed: count('killed'),
      policiesChanged: list.filter(({ policyChanged }) => policyChanged).length,
    },
  };
};

/** Ends one container of the experiment and keeps it down. One that its stop deletes is captured first. */
export async function end(room: Room, { id }: Pick<PlannedContainer, 'id' | 'name'>): Promise<EndedOne> {
  const facts = await room.world.docker.inspect(id);
  if (facts === undefined) return { how: 'gone', policyChanged: false };
  if (facts.autoRemove && lives(facts)) await captureDoomed(room, facts);
  // The engine refuses every change of one that it is removing.
  if (facts.state === 'dead' || facts.state === 'removing') return { how: 'already stopped', policyChanged: false };
  const policyChanged = await forbidRestart(room, facts);
  if (!lives(facts)) {
    const lost = await settleLost(room, id, ['stop', 'kill']);
    return { how: lost ? 'stopped' : 'already stopped', policyChanged };
  }
  const how = killsUnasked(room.input.options) || facts.state === 'restarting' ? 'kill' : 'stop';
  await endContainer(room, facts, how);
  return { how: how === 'kill' ? 'killed' : 'stopped', policyChanged };
}

function killsUnasked({ security, suspectData }: StepOptions): boolean {
  return security === true || suspectData === true;
}
