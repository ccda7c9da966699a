import type { Limits, PlannedLimit } from '../../contract/records.ts';
import { doForEach } from '../containers/do-for-each.ts';
import { ActFailure } from '../kernel/failures.ts';
import { readPartialPlan } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';

const prefix = 'limits:';

/**
 * Reduced load (runbook, "Scenario 2"): CPU and memory limits of the experiment's containers by update, in place, while
 * they run. What they had is owed to them before the first change: whoever takes the limits away knows what was there.
 * @throws ActFailure naming what could not be limited, after all others were
 */
export const limitExperiment: ActBody = async (room) => {
  const { limits, notes } = readPartialPlan(room);
  const how = await doForEach('limited', limits, (limit) => limitOne(room, limit));
  const changed = how.filter((one) => one === 'done').length;
  const gone = limits.filter((_, n) => how[n] === 'gone').map(({ name }) => name);
  const told = limits.map(({ name, wanted }) => `${name} ${limitText(wanted)}`);
  return {
    outcome: limits.length === 0 ? 'skipped' : changed > 0 ? 'done' : 'already-done',
    reason: [
      limits.length === 0 ? 'No container of the experiment has to be limited.' : `Limited: ${told.join('; ')}.`,
      ...(gone.length === 0 ? [] : [`Gone meanwhile: ${gone.join(', ')}.`]),
      ...notes.map((note) => `${note}.`),
    ].join(' '),
    figures: { limits: limits.length, changed },
  };
};

async function limitOne(room: Room, { id, name, earlier, wanted }: PlannedLimit): Promise<'done' | 'already' | 'gone'> {
  const now = await room.world.docker.limits(id);
  if (now === undefined) return 'gone';
  if (isLimitedTo(now, wanted)) return 'already';
  room.obligation(`${prefix}${id}`, `Give ${name} its limits back: ${limitText(earlier)}.`, { id, name, earlier });
  await update(room, { id, name }, { from: earlier, to: wanted });
  return 'done';
}

/**
 * Gives every container the limits back that it had before this rollback, and discharges what was owed.
 * @returns names of the containers
 */
export async function giveLimitsBack(room: Room): Promise<readonly string[]> {
  const owed = room.journal.openObligations().filter(({ id }) => id.startsWith(prefix));
  return doForEach(
    'given their limits back',
    owed.map((record) => ({ record, ...(record.detail as unknown as Pick<PlannedLimit, 'id' | 'name' | 'earlier'>) })),
    async ({ record, id, name, earlier }) => {
      const now = await room.world.docker.limits(id);
      if (now !== undefined) await update(room, { id, name }, { from: now, to: earlier });
      room.discharge(record.id, now === undefined ? `${name} is gone.` : `${name} has ${limitText(earlier)} again.`);
      return name;
    },
  );
}

async function update(
  room: Room,
  { id, name }: Pick<PlannedLimit, 'id' | 'name'>,
  { from, to }: { readonly from: Limits; readonly to: Limits },
): Promise<void> {
  await room.effect({ kind: 'limit', target: id, recovery: 'do-again', detail: { name, from, to } }, async () => {
    await room.world.docker.setLimits(id, to);
    return 'done' as const;
  });
  const after = await room.world.docker.limits(id);
  if (after === undefined || (after.cpus === to.cpus && after.memoryBytes === to.memoryBytes)) return;
  throw new ActFailure('docker-refused', `${name} has ${limitText(after)} after it was given ${limitText(to)}.`);
}

/** Whether it may use no more than that. */
export function isLimitedTo(now: Pick<Limits, 'cpus' | 'memoryBytes'>, wanted: Limits): boolean {
  return isWithin(now.cpus, wanted.cpus) && isWithin(now.memoryBytes, wanted.memoryBytes);
}

function isWithin(now: number | null, wanted: number | null): boolean {
  return wanted === null || (now !== null && now <= wanted);
}

export function limitText({ cpus, memoryBytes }: Pick<Limits, 'cpus' | 'memoryBytes'>): string {
  return `${cpus === null ? 'all' : cpus} CPUs, ${memoryBytes === null ? 'all' : Math.round(memoryBytes / 1024 ** 2)} MiB of memory`.replace(
    'all MiB of memory',
    'all memory',
  );
}
