import { asActFailure } from './failures.ts';
import type { Room } from './room.ts';

/**
 * Settles what is owed, one after the other: what cannot be settled keeps neither the others from it nor the environment
 * from being free.
 * @returns what went wrong
 * @throws the abort's reason, or `stale-attempt` when a newer attempt has begun
 */
export async function settleEach(
  room: Room,
  settlers: readonly ((room: Room) => Promise<unknown>)[],
): Promise<readonly string[]> {
  const troubles: string[] = [];
  for (const settleOne of settlers) {
    try {
      await settleOne(room);
    } catch (error) {
      room.signal.throwIfAborted();
      const failure = asActFailure(error);
      if (failure.kind === 'stale-attempt') throw failure;
      troubles.push(failure.message);
    }
  }
  return troubles;
}
