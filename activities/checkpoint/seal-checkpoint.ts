import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CheckpointData, CheckpointRecord } from '../../contract/records.ts';
import { nameExists, readIfThere, writeFileDurably } from '../../vault/durable-file.ts';
import { checkManifest } from '../../vault/manifest/read.ts';
import { ActFailure } from '../kernel/failures.ts';
import { identityOf } from '../kernel/identity.ts';
import { fileRef, sha256 } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { readOrder, readPart } from './parts.ts';

/**
 * Writes `checkpoint.json`, last and durably, only when every part is there and is what was recorded: readers take a
 * folder without it for no checkpoint at all.
 */
export const sealCheckpoint: ActBody = async (room) => {
  const record = await recordOf(room);
  await proveParts(room, record);
  const path = room.layout.checkpoint(record.id).record;
  const text = `${JSON.stringify(record, null, 2)}\n`;
  const known = readIfThere(path);
  if (known !== undefined && known !== text) {
    throw new ActFailure('refused', `Checkpoint ${record.id} is sealed with another content; it was not touched.`);
  }
  room.beforeEffect();
  if (known === undefined) writeFileDurably(path, text);
  const files = record.data.reduce((sum, each) => sum + each.files, 0);
  const bytes = record.data.reduce((sum, each) => sum + each.bytes, 0);
  return {
    outcome: known === undefined ? 'done' : 'already-done',
    reason: `Checkpoint ${record.id} at ${record.ref} is sealed: ${record.images.length} image(s), ${record.data.length} data root(s), ${record.skills.length} skill(s).`,
    figures: { images: record.images.length, roots: record.data.length, files, bytes, skills: record.skills.length },
    files: [fileRef(path)],
  };
};

async function recordOf(room: Room): Promise<CheckpointRecord> {
  const { input, target, world } = room;
  const { daemonId, machineId } = await identityOf(world);
  const [order, code, images] = [readOrder(room), readPart(room, 'code'), readPart(room, 'images')];
  const [configuration, skills] = [readPart(room, 'configuration'), readPart(room, 'skills')];
  const measured = readPart(room, 'baseline');
  const data = target.data.map(({ name }) => readPart(room, 'data', name));
  const missing = [
    ...Object.entries({ order, code, images, configuration, skills, baseline: measured })
      .filter(([, part]) => part === undefined)
      .map(([name]) => name),
    ...target.data.filter((_, n) => data[n] === undefined).map(({ name }) => `data of ${name}`),
  ];
  if (!order || !code || !images || !configuration || !skills || !measured || missing.length > 0) {
    throw new ActFailure('refused', `The checkpoint lacks ${missing.join(', ')}; it was not sealed.`);
  }
  return {
    format: 1,
    id: input.rollbackId,
    environment: input.environment,
    createdAt: order.at,
    by: order.by,
    targetHash: input.targetHash,
    daemonId,
    machineId,
    ...code,
    images,
    configuration,
    data: data.filter((part): part is CheckpointData => part !== undefined),
    skills,
    baseline: measured.baseline,
  };
}

/** What lies on disk and in the engine at this moment is what the record will say. */
async function proveParts(room: Room, record: CheckpointRecord): Promise<void> {
  const { dir } = room.layout.checkpoint(record.id);
  const wrong: string[] = [];
  for (const part of record.data) {
    const { rootHash } = await checkManifest(resolve(dir, part.manifest));
    if (rootHash !== part.rootHash || !nameExists(resolve(dir, part.copy))) wrong.push(`the copy of ${part.root}`);
  }
  const configuration = sha256(readFileSync(join(dir, record.configuration.file)));
  if (configuration !== record.configuration.sha256) wrong.push('the configuration');
  for (const { service, image, heldBy } of record.images) {
    if ((await room.world.docker.imageId(heldBy)) !== image) wrong.push(`the image of ${service}`);
  }
  if (wrong.length === 0) return;
  throw new ActFailure('refused', `Not as it was recorded: ${wrong.join(', ')}; the checkpoint was not sealed.`);
}
