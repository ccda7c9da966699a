import { findStable } from '../checks/find-stable.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { createStable, pinsOf } from './create-stable.ts';
import { type Failed, throwFailures } from './do-for-each.ts';
import { givePoliciesBack, settleServing } from './stable-obligations.ts';
import { tally } from './tally.ts';
import { wakeStable } from './wake-stable.ts';

/**
 * Runbook 1.3, the start: started where it is stopped, unpaused where it is paused, made by compose where it is gone.
 * What runs is not touched (design §4.2). Also the last act of a rollback that went wrong, so it gives back what was
 * taken from the stable system, and one part that fails keeps none of the others from it.
 * @throws ActFailure naming what does not run
 */
export const startStable: ActBody = async (room) => {
  const before = await findStable(room);
  const failed: Failed[] = [];
  const attempt = async <T>(name: string, run: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await run();
    } catch (error) {
      failed.push({ name, error });
      return undefined;
    }
  };
  const { missing } = before;
  if (missing.length > 0) {
    await attempt(missing.join(', '), async () =>
      createStable(room, { services: missing, pins: await usablePins(room), keepExisting: true }),
    );
  }
  const policies = (await attempt('restart policies', () => givePoliciesBack(room))) ?? 0;
  const woken = (await attempt('the containers that are there', () => wakeStable(room, before.containers))) ?? [];
  throwFailures('brought up', failed, 3);
  await settleServing(room);

  const after = await findStable(room);
  if (after.missing.length > 0) {
    throw new ActFailure(
      'compose-failed',
      `Compose ended well, and still there is no container for ${after.missing.join(', ')}; the others were started.`,
    );
  }
  const how = [...woken, ...missing.map(() => 'made by compose')];
  const changed = how.some((one) => one !== 'untouched') || policies > 0;
  const count = (wanted: string) => how.filter((one) => one === wanted).length;
  return {
    outcome: changed ? 'done' : 'already-done',
    reason: changed
      ? `Stable system: ${tally(how)}${policies > 0 ? `; ${policies} restart policies given back` : ''}.`
      : `All ${after.containers.length} containers of the stable system run; none was touched.`,
    figures: {
      started: count('started'),
      unpaused: count('unpaused'),
      created: missing.length,
      untouched: count('untouched'),
    },
  };
};

/** To serve on whatever image compose names is better than not to serve; the judgement tells which one it is. */
async function usablePins(room: Room): Promise<Readonly<Record<string, string>>> {
  const usable: [string, string][] = [];
  for (const [service, image] of Object.entries(pinsOf(room))) {
    if ((await room.world.docker.imageId(image)) !== undefined) usable.push([service, image]);
  }
  return Object.fromEntries(usable);
}
