import { join } from 'node:path';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import { EvidenceSink } from './evidence-sink.ts';

export interface KeptArchive {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Streams a path of a container, as the tar the engine makes of it, into the evidence. Whole or not at all: a tar that
 * was cut is an archive of something that never was.
 * @throws ActFailure `refused` when it is larger than the limit; `docker-refused` (404) when there is no such path
 */
export async function keepArchive(
  room: Room,
  from: { readonly id: string; readonly name: string; readonly path: string },
  file: string,
  maxBytes: number,
): Promise<KeptArchive> {
  const archive = await room.world.docker.archive(from.id, from.path);
  const abort = (): void => {
    archive.destroy(room.signal.reason instanceof Error ? room.signal.reason : new Error('aborted'));
  };
  room.signal.addEventListener('abort', abort, { once: true });
  try {
    const sink = new EvidenceSink(room, join(room.rollback.evidenceDir, file));
    try {
      for await (const part of archive as AsyncIterable<Buffer>) {
        sink.add(part);
        if (sink.bytes <= maxBytes) continue;
        throw new ActFailure(
          'refused',
          `${from.path} of ${from.name} is larger than the target's limit of ${maxBytes} bytes; it was not kept.`,
          { data: { container: from.id, path: from.path } },
        );
      }
      const { path, sha256, bytes } = sink.finish();
      return { file: path, sha256, bytes };
    } finally {
      sink.close();
    }
  } finally {
    room.signal.removeEventListener('abort', abort);
    archive.destroy();
  }
}
