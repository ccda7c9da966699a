import { wakeStable } from '../containers/wake-stable.ts';
import { asActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import { findStable, type StableContainer } from './find-stable.ts';

/** A container that goes down by itself again and again is for the health check to tell. */
const startsEach = 3;

/**
 * For the wait for health, which comes after the start: starts containers that went down since. One beside which its
 * service has another is what compose, killed half-way, left over: that one stays down.
 */
export function wakeFallen(room: Room): (down: readonly StableContainer[]) => Promise<void> {
  const starts = new Map<string, number>();
  return async (down) => {
    const { containers } = await findStable(room);
    const alone = ({ service }: StableContainer) => containers.filter((one) => one.service === service).length === 1;
    const fallen = down.filter((one) => alone(one) && (starts.get(one.facts.id) ?? 0) < startsEach);
    for (const { facts } of fallen) starts.set(facts.id, (starts.get(facts.id) ?? 0) + 1);
    try {
      await wakeStable(room, fallen);
    } catch (error) {
      // What cannot be started is told by the judgement of the soak; an engine that is away is waited for.
      if (asActFailure(error).kind !== 'docker-refused') throw error;
    }
  };
}
