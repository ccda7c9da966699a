import type Dockerode from 'dockerode';
import type { Docker } from '../kernel/world.ts';
import { orNone, statusOf, withDeadline, withSignal } from './docker-errors.ts';

const changeMs = 20_000;

/** Names of images. Nothing here is forced: what a container still uses keeps its last name. */
export function imageCalls(engine: Dockerode, readMs: number): Pick<Docker, 'imageId' | 'tag' | 'untag'> {
  return {
    async imageId(reference) {
      const image = withDeadline(`look up image ${reference}`, readMs, (abortSignal) =>
        engine.getImage(reference).inspect(withSignal<Dockerode.ImageInspectOptions>({}, abortSignal)),
      );
      return (await orNone(404, image))?.Id;
    },

    async tag(imageId, repository, tag) {
      await withDeadline(`tag image ${imageId}`, changeMs, (abortSignal) =>
        engine.getImage(imageId).tag(withSignal({ repo: repository, tag }, abortSignal)),
      );
    },

    async untag(reference) {
      try {
        await withDeadline(`take the name ${reference} away`, changeMs, (abortSignal) =>
          engine.getImage(reference).remove(withSignal({}, abortSignal)),
        );
        return 'done';
      } catch (error) {
        const status = statusOf(error);
        if (status === 404) return 'already';
        // It is the last name of an image that a container uses.
        if (status === 409) return 'in-use';
        throw error;
      }
    },
  };
}
