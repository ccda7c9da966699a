import { lives } from '../containers/change-container.ts';
import { doForEach } from '../containers/do-for-each.ts';
import { experimentOf } from '../containers/experiment-of.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { captureWhole, type WholeContainer } from './capture-whole.ts';

/**
 * Containers that their own stop deletes (`run --rm`), with their logs and anonymous volumes: kept whole before
 * (design §4.1). They are paused meanwhile.
 * @throws ActFailure naming those that could not be kept; they must not be stopped then
 */
export const captureDoomedContainers: ActBody = async (room) => {
  const { containers } = await experimentOf(room);
  const found = await Promise.all(containers.map(({ id }) => room.world.docker.inspect(id)));
  const doomed = found.filter((facts) => facts !== undefined).filter((facts) => facts.autoRemove && lives(facts));
  if (doomed.length === 0) {
    return {
      outcome: 'already-done',
      reason: 'No container would be deleted by its stop.',
      figures: { doomed: 0, fresh: 0, volumes: 0 },
    };
  }
  const startedMs = room.world.now();
  const kept = await doForEach('captured', doomed, (facts) => captureDoomed(room, facts));
  const fresh = kept.filter(({ at }) => Date.parse(at) >= startedMs).length;
  return {
    outcome: fresh === 0 ? 'already-done' : 'done',
    reason: `Kept whole, since their stop deletes them: ${kept.map(({ name, image }) => `${name} (${image.reference})`).join(', ')}.`,
    figures: {
      doomed: kept.length,
      fresh,
      volumes: kept.reduce((sum, { anonymousVolumes }) => sum + anonymousVolumes.length, 0),
    },
  };
};

/** Keeps one such container, unless an earlier attempt did. */
export function captureDoomed(room: Room, facts: ContainerFacts): Promise<WholeContainer> {
  return captureWhole(room, facts, { as: 'doomed', why: 'its stop deletes it (AutoRemove)', volumesGo: true });
}
