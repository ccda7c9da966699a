import { dirname, join } from 'node:path';
import { copyMode, ensureDir, nameExists, writeFileDurably } from '../../vault/durable-file.ts';
import { keepEvidence } from '../checks/keep-evidence.ts';
import { lives } from '../containers/change-container.ts';
import { doForEach } from '../containers/do-for-each.ts';
import { findSystems } from '../containers/find-containers.ts';
import { asActFailure } from '../kernel/act.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { evidenceName } from './evidence-name.ts';
import { redact } from './redact.ts';

/**
 * Runbook 1.2 "Check system status": inspect, statistics, processes and changed files of every container of both
 * systems, as JSON. Raw for its owner, and redacted for whoever else has to read it. What was captured before stays:
 * the first look is the nearest to the failure.
 */
export const captureContainerState: ActBody = async (room) => {
  const { experiment, stable } = await findSystems(room);
  const containers = [
    ...experiment.map(({ facts }) => ({ ...facts, system: 'experiment' as const })),
    ...stable.map(({ facts }) => ({ ...facts, system: 'stable' as const })),
  ];
  const captured = await doForEach('looked at', containers, (one) => captureState(room, one));
  const fresh = captured.filter(({ fresh }) => fresh).length;
  const partly = captured.filter(({ missed }) => missed > 0).length;
  return {
    outcome: fresh === 0 ? 'already-done' : 'done',
    reason:
      `State of ${experiment.length} containers of the experiment and ${stable.length} of the stable system is on disk.` +
      (partly === 0 ? '' : ` Of ${partly} some part could not be had; their files say why.`),
    figures: { containers: containers.length, fresh, partly },
  };
};

interface State {
  readonly fresh: boolean;
  /** Parts that could not be had. */
  readonly missed: number;
}

type Seen = ContainerFacts & { readonly system: 'experiment' | 'stable' };

async function captureState(room: Room, facts: Seen): Promise<State> {
  const name = `containers/${evidenceName(facts)}`;
  if (nameExists(join(room.rollback.evidenceDir, `${name}.json`))) return { fresh: false, missed: 0 };
  const { docker } = room.world;
  const alive = lives(facts);
  const looks = {
    inspect: () => docker.inspectRaw(facts.id),
    // The engine's numbers for a stopped container are zeros, not a measurement (facts).
    stats: () => (alive ? docker.stats(facts.id) : Promise.resolve(null)),
    processes: () => (alive ? docker.top(facts.id) : Promise.resolve(null)),
    changedFiles: () => docker.changes(facts.id),
  };
  let missed = 0;
  const parts = await Promise.all(
    Object.entries(looks).map(async ([part, look]) => {
      try {
        return [part, (await look()) ?? null] as const;
      } catch (error) {
        room.signal.throwIfAborted();
        missed += 1;
        return [part, { notHad: asActFailure(error).message }] as const;
      }
    }),
  );
  const { system, state } = facts;
  const content = { at: new Date(room.world.now()).toISOString(), system, state, ...Object.fromEntries(parts) };
  const file = join(room.rollback.evidenceDir, `${name}.shareable.json`);
  room.beforeEffect();
  ensureDir(dirname(file));
  writeFileDurably(file, `${JSON.stringify(redact(content), null, 2)}\n`, copyMode);
  // The raw form last: it says that both are there.
  keepEvidence(room, `${name}.json`, content);
  return { fresh: true, missed };
}
