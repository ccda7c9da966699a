import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { execa } from 'execa';
import { ensureBaseImage, finished, imageId } from './base-image.ts';
import { type LabNames, labLabel } from './names.ts';

export interface LabImages {
  /** Id of the good stable image: the tag may move, this does not. */
  readonly stable: string;
  readonly experiment: string;
}

/** The recipe lies in the repository, as a project's own would. */
export function stableRecipe(base: string, names: LabNames): string {
  return recipe(base, names, 'smp.mjs', 9621);
}

/** Makes the two images of a lab. They carry its label, so that they go with it. */
export async function buildLabImages(docker: Docker, names: LabNames): Promise<LabImages & { readonly base: string }> {
  const base = await ensureBaseImage(docker);
  const stable = await buildImage(docker, names.stableImage, stableRecipe(base, names));
  const experiment = await buildImage(docker, names.experimentImage, recipe(base, names, 'openviking.mjs', 9631));
  return { base, stable, experiment };
}

/** A build that looks healthy and answers nonsense, under the tag of the good one. @returns its id */
export function buildBadImage(docker: Docker, base: string, names: LabNames): Promise<string> {
  return buildImage(docker, names.stableImage, recipe(base, names, 'smp-bad.mjs', 9621));
}

function recipe(base: string, names: LabNames, server: string, port: number): string {
  return [
    `FROM ${base}`,
    `LABEL ${labLabel}=${names.id}`,
    `ENV PORT=${port}`,
    'STOPSIGNAL SIGTERM',
    `CMD ["node", "/app/${server}"]`,
    '',
  ].join('\n');
}

/** Builds from a recipe that needs no files beside it. @returns the image's id */
export async function buildImage(docker: Docker, tag: string, dockerfile: string): Promise<string> {
  const context = await contextOf(dockerfile);
  const answer = await docker.buildImage(Readable.from([context]), { t: tag, rm: true, forcerm: true });
  await finished(docker, answer);
  const id = await imageId(docker, tag);
  if (id === undefined) throw new Error(`The engine built ${tag} and does not know it.`);
  return id;
}

async function contextOf(dockerfile: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'durable-rollback-lab-build-'));
  try {
    await writeFile(join(folder, 'Dockerfile'), dockerfile);
    const { stdout } = await execa('tar', ['-C', folder, '-c', 'Dockerfile'], { encoding: 'buffer' });
    return Buffer.from(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
