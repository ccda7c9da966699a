import type { LogChunk } from '../kernel/world.ts';

const headerBytes = 8;

/**
 * Takes the engine's log stream apart: frames of an 8-byte header (stream, 0, 0, 0, length) and a payload. Payloads
 * are passed on as they arrive, so that memory stays flat and the reader's pace is kept; a truncated last frame is
 * passed on as far as it came. (docker-modem's own one recurses per frame and ignores back-pressure, see facts.)
 *
 * @param source bytes as they come from the engine
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
export async function* demultiplex(source: AsyncIterable<Buffer>): AsyncGenerator<LogChunk> {
  let header = Buffer.alloc(0);
  let stream: LogChunk['stream'] = 'stdout';
  let left = 0;
  for await (const chunk of source) {
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const need = headerBytes - header.length;
        header = Buffer.concat([header, chunk.subarray(at, at + need)]);
        at += Math.min(need, chunk.length - at);
        if (header.length < headerBytes) continue;
        stream = header[0] === 2 ? 'stderr' : 'stdout';
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const bytes = chunk.subarray(at, at + left);
      at += bytes.length;
      left -= bytes.length;
      yield { stream, bytes };
    }
  }
}

/** A container with a terminal has one stream and no frames. */
export async function* plain(source: AsyncIterable<Buffer>): AsyncGenerator<LogChunk> {
  for await (const bytes of source) yield { stream: 'stdout', bytes };
}
