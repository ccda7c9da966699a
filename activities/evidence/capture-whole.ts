import { join } from 'node:path';
import { readIfThere } from '../../vault/durable-file.ts';
import { keepEvidence } from '../checks/keep-evidence.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { captureLog } from './capture-log.ts';
import { evidenceName } from './evidence-name.ts';
import { type KeptArchive, keepArchive } from './keep-archive.ts';
import { logBoundsFor } from './log-bounds.ts';

/** `evidence/<doomed|replaced>/<name>-<id12>.json`: a container that will not be there any more. */
export interface WholeContainer {
  readonly format: 1;
  readonly at: string;
  readonly id: string;
  readonly name: string;
  readonly why: string;
  /** What `undo` starts it from: its image with the writable layer. */
  readonly image: { readonly reference: string; readonly id: string };
  readonly log: string | null;
  readonly noLog: string | null;
  /** Volumes of no name of their own, by where they were mounted; kept as tar only where the removal takes them along. */
  readonly anonymousVolumes: readonly {
    readonly name: string;
    readonly destination: string;
    readonly archive: KeptArchive | null;
  }[];
  readonly inspect: unknown;
}

export interface CaptureHow {
  /** Folder of the evidence, and stage of the log. */
  readonly as: 'doomed' | 'replaced';
  readonly why: string;
  /** The removal deletes anonymous volumes as well. */
  readonly volumesGo: boolean;
}

/**
 * Keeps a container whole before it goes (design §4.2): inspect, logs, writable layer as an image under our tag,
 * anonymous volumes. What an earlier attempt captured whole is not captured again.
 * @throws ActFailure when any part could not be kept; the container must then stay
 */
export async function captureWhole(room: Room, facts: ContainerFacts, how: CaptureHow): Promise<WholeContainer> {
  const { docker } = room.world;
  const name = `${how.as}/${evidenceName(facts)}.json`;
  const earlier = await findWhole(room, name);
  if (earlier !== undefined) return earlier;
  const inspect = await docker.inspectRaw(facts.id);
  const log = await captureLog(room, facts, how.as, logBoundsFor(room, 1));
  const anonymousVolumes: { name: string; destination: string; archive: KeptArchive | null }[] = [];
  for (const volume of facts.mounts.filter(isAnonymous)) {
    const file = `${how.as}/${evidenceName(facts)}-volume-${anonymousVolumes.length + 1}.tar`;
    const from = { id: facts.id, name: facts.name, path: volume.destination };
    const archive = how.volumesGo ? await keepArchive(room, from, file, room.target.evidence.limits.fileBytes) : null;
    anonymousVolumes.push({ name: volume.name ?? '', destination: volume.destination, archive });
  }
  const image = await commit(room, facts);
  const whole: WholeContainer = {
    format: 1,
    at: new Date(room.world.now()).toISOString(),
    id: facts.id,
    name: facts.name,
    why: how.why,
    image,
    log: log.file,
    noLog: log.none,
    anonymousVolumes,
    inspect,
  };
  keepEvidence(room, name, whole);
  return whole;
}

/** A record counts only while the image that it names is there. */
async function findWhole(room: Room, name: string): Promise<WholeContainer | undefined> {
  const text = readIfThere(join(room.rollback.evidenceDir, name));
  if (text === undefined) return undefined;
  const whole = JSON.parse(text) as WholeContainer;
  return (await room.world.docker.imageId(whole.image.reference)) === whole.image.id ? whole : undefined;
}

/** The writable layer under a tag of ours, so that no clean-up of images takes it. */
async function commit(room: Room, facts: ContainerFacts): Promise<WholeContainer['image']> {
  const { docker } = room.world;
  const repository = `durable-rollback/${room.input.environment.toLowerCase()}`;
  const tag = `${evidenceName(facts)}-${room.input.rollbackId}`.slice(-127).replace(/^[^A-Za-z0-9_]+/, '');
  const reference = `${repository}:${tag}`;
  let made = '';
  await room.effect(
    { kind: 'commit', target: facts.id, recovery: 'do-again', detail: { name: facts.name, reference } },
    async () => {
      made = await docker.commit(facts.id, repository, tag);
      return 'done' as const;
    },
  );
  const id = await docker.imageId(reference);
  if (id === undefined || id !== made) {
    throw new ActFailure('docker-refused', `The image of ${facts.name} is not there after its commit (${reference}).`);
  }
  return { reference, id };
}

/** The engine names a volume that nobody named by 64 hex digits. */
function isAnonymous({ type, name }: ContainerFacts['mounts'][number]): boolean {
  return type === 'volume' && /^[0-9a-f]{64}$/.test(name ?? '');
}
