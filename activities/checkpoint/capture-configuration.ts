import { join } from 'node:path';
import { evidenceMode, readIfThere, writeFileDurably } from '../../vault/durable-file.ts';
import { stackOf } from '../containers/stack-of.ts';
import { fileRef, sha256 } from '../kernel/records.ts';
import type { ActBody } from '../kernel/room.ts';
import { writePart } from './parts.ts';

const name = 'configuration.yaml';

/**
 * The stable stack as compose itself understands it: files merged, variables filled in. It may hold secrets that come
 * from env files, so only its owner can read it and no history carries it.
 */
export const captureConfiguration: ActBody = async (room) => {
  const { stable } = room.target;
  const { text, services } = await room.world.compose.config(stackOf(room, stable), room.marker);
  const absent = stable.services.filter((service) => services[service] === undefined);
  if (absent.length > 0) {
    const reason = `The stable compose files declare no ${absent.join(', ')}; the configuration was not recorded.`;
    return { outcome: 'failed', reason };
  }
  const path = join(room.rollback.dir, name);
  const known = readIfThere(path) === text;
  room.beforeEffect();
  if (!known) writeFileDurably(path, text, evidenceMode);
  const part = writePart(room, 'configuration', { file: name, sha256: sha256(text) });
  return {
    outcome: known ? 'already-done' : 'done',
    reason: `The effective configuration of ${Object.keys(services).length} service(s) is recorded.`,
    figures: { services: Object.keys(services).length, sha256: sha256(text) },
    files: [part, fileRef(path)],
  };
};
