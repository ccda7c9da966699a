import { createReadStream } from 'node:fs';
import type Dockerode from 'dockerode';
import type { DockerMaking } from '../kernel/world.ts';
import { statusOf, withDeadline } from './docker-errors.ts';

const changeMs = 60_000;
/** An archive is as large as a volume was. */
const archiveMs = 600_000;

/** Making and taking away of containers, which only an undo does. Errors as those of `makeDocker`. */
export function dockerMaking(engine: Dockerode): DockerMaking {
  return {
    async create(name, body) {
      const made = await withDeadline(`create ${name}`, changeMs, (abortSignal) =>
        engine.createContainer({ ...body, name, abortSignal }),
      );
      return made.id;
    },

    async remove(id) {
      try {
        await withDeadline(`remove ${id.slice(0, 12)}`, changeMs, (abortSignal) =>
          engine.getContainer(id).remove({ v: false, force: false, abortSignal }),
        );
        return 'done';
      } catch (error) {
        if (statusOf(error) === 404) return 'already';
        throw error;
      }
    },

    async putArchive(id, folder, file) {
      await withDeadline(`unpack into ${folder} of ${id.slice(0, 12)}`, archiveMs, () =>
        engine.getContainer(id).putArchive(createReadStream(file), { path: folder }),
      );
    },
  };
}

/** A connection as the engine takes it; the default network refuses names and addresses of its own. */
export function endpointOf(aliases: readonly string[], addresses?: unknown): Dockerode.EndpointSettings {
  return {
    ...(aliases.length === 0 ? {} : { Aliases: [...aliases] }),
    ...(typeof addresses === 'object' && addresses !== null ? { IPAMConfig: addresses } : {}),
  } as Dockerode.EndpointSettings;
}
