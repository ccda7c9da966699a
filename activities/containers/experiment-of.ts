import { join } from 'node:path';
import type { PlannedContainer } from '../../contract/records.ts';
import { ensureDir, readIfThere, writeFileDurably } from '../../vault/durable-file.ts';
import { readContainmentPlan } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';
import type { Found } from './find-containers.ts';
import { findSystems, plannedOf } from './find-containers.ts';

/** The experiment's containers: those of the plan, and what has joined it since. */
export interface Experiment {
  readonly containers: readonly PlannedContainer[];
  /** Those of them that were not known before this look. */
  readonly newcomers: readonly PlannedContainer[];
}

/**
 * The plan's containers and whatever matches its selector by now: what appeared after the planning is taken in, with
 * the reason (design §4.1). It stands in a file of its own, since the plan is named by its hash in the steps that run.
 *
 * @throws ActFailure `plan-differs`
 */
export async function experimentOf(room: Room): Promise<Experiment> {
  const planned = readContainmentPlan(room).experiment;
  const { experiment } = await findSystems(room);
  // From here on one tick: the watch takes in as well.
  const known = knownOf(planned, readAdded(room));
  const newcomers = unknownOf(experiment, known);
  if (newcomers.length > 0) writeAdded(room, [...readAdded(room), ...newcomers]);
  return { containers: [...known, ...newcomers], newcomers };
}

/** Each once: a plan that was made again has taken in what joined before it. Two hands on one container spoil its capture. */
function knownOf(
  planned: readonly PlannedContainer[],
  added: readonly PlannedContainer[],
): readonly PlannedContainer[] {
  const ids = new Set(planned.map(({ id }) => id));
  return [...planned, ...added.filter(({ id }) => !ids.has(id))];
}

/** Found containers that a list does not have yet, as it would keep them. */
export function unknownOf(found: readonly Found[], known: readonly PlannedContainer[]): readonly PlannedContainer[] {
  const ids = new Set(known.map(({ id }) => id));
  return found
    .filter(({ facts }) => !ids.has(facts.id))
    .map((each) => ({ ...plannedOf(each), why: `${each.why} It appeared after the planning.` }));
}

/** What joined the experiment since the plan was made. */
export function readAdded(room: Pick<Room, 'rollback'>): readonly PlannedContainer[] {
  const text = readIfThere(addedPath(room));
  return text === undefined ? [] : (JSON.parse(text) as readonly PlannedContainer[]);
}

function writeAdded(room: Room, added: readonly PlannedContainer[]): void {
  room.beforeEffect();
  ensureDir(room.rollback.planDir);
  writeFileDurably(addedPath(room), `${JSON.stringify(added, null, 2)}\n`);
}

function addedPath(room: Pick<Room, 'rollback'>): string {
  return join(room.rollback.planDir, 'containment-added.json');
}
