import { awaitState } from '../containers/change-container.ts';
import type { Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';

const owed = 'thaw:';

/**
 * Does something while the given containers are paused: files of a database are one set only when nobody writes. What
 * was paused is thawed whatever happens; a killed attempt leaves an obligation that the next one settles.
 * @returns whatever `work` returns
 */
export async function whileFrozen<T>(
  room: Room,
  containers: readonly ContainerFacts[],
  work: () => Promise<T>,
): Promise<T> {
  const frozen: Pick<ContainerFacts, 'id' | 'name'>[] = [];
  let first: { readonly error: unknown } | undefined;
  try {
    for (const { id, name, state } of containers) {
      // One that somebody else paused is not ours to thaw.
      if (state !== 'running') continue;
      room.obligation(`${owed}${id}`, `Unpause ${name}, which was paused while its data were copied`, { id, name });
      frozen.push({ id, name });
      const intent = { kind: 'pause', target: id, recovery: 'do-again', detail: { name } } as const;
      await room.effect(intent, () => room.world.docker.pause(id));
      await awaitState(room, { id, name }, 'is not paused', (now) => now?.state === 'paused');
    }
    return await work();
  } catch (error) {
    first = { error };
    throw error;
  } finally {
    await thaw(room, frozen, first);
  }
}

/** Thaws what a killed attempt left paused. @returns names */
export async function thawLeft(room: Room): Promise<readonly string[]> {
  const left = room.journal.openObligations().flatMap(({ id, detail }) => {
    if (!id.startsWith(owed)) return [];
    const container = id.slice(owed.length);
    return [{ id: container, name: String(detail?.['name'] ?? container.slice(0, 12)) }];
  });
  await thaw(room, left, undefined);
  return left.map(({ name }) => name);
}

/** A clean-up that fails never hides the first error; alone it is one. */
async function thaw(
  room: Room,
  containers: readonly Pick<ContainerFacts, 'id' | 'name'>[],
  first: { readonly error: unknown } | undefined,
): Promise<void> {
  const failures: unknown[] = [];
  for (const { id, name } of containers) {
    try {
      const now = await room.world.docker.inspect(id);
      // Straight to the engine: a cancelled or superseded attempt too gives back what it took.
      const how = now?.state === 'paused' ? await room.world.docker.unpause(id) : 'already';
      room.discharge(`${owed}${id}`, now === undefined ? `${name} is gone` : `${name} runs (${how})`);
    } catch (error) {
      failures.push(error);
    }
  }
  const [failure] = failures;
  if (failure === undefined) return;
  if (first === undefined) throw failure;
  if (first.error instanceof Error && first.error.cause === undefined) first.error.cause = failure;
}
