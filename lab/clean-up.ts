import { existsSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type Docker from 'dockerode';
import { z } from 'zod';
import { lockPlaces } from '../vault/lock.ts';
import { endChildrenMarked, endOlderProcess } from '../vault/processes.ts';
import { labDocker, statusOf, unless } from './docker.ts';
import { sweepPlaces } from './engine-places.ts';
import { childMarker, labLabel, labNames } from './names.ts';
import { labPaths } from './paths.ts';
import { isGoneEngine } from './private-engine.ts';
import { claimEntry, isAbandoned, type LabEntry, listEntries, removeEntry } from './registry.ts';

/**
 * Takes a lab away, whatever state it is in: the processes that its state folder names, everything of it in Docker,
 * its locks, its folder. A part that fails does not keep the others from going; the entry stays until all are gone.
 * @throws AggregateError with what could not be removed
 */
export async function removeLab(entry: LabEntry): Promise<void> {
  const names = labNames(entry.id, entry.style);
  const paths = labPaths(entry.folder, names.project);
  const docker = labDocker(entry.dockerHost ?? undefined);
  const failures: unknown[] = [];
  let settleMs = 0;
  const parts: readonly (() => Promise<void>)[] = [
    () => endEmbeddedProcesses(paths.state),
    async () => {
      settleMs = (await endChildren(entry.id)) ? sentCallsMs : 0;
    },
    async () => {
      if (!isGoneEngine(entry.dockerHost)) await removeFromEngine(docker, entry.id, names.project, settleMs);
    },
    async () => removeLocks(paths.state),
    () => rm(entry.folder, { recursive: true, force: true, maxRetries: 5 }),
  ];
  for (const part of parts) await part().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) {
    const why = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join('; ');
    throw new AggregateError(failures, `Lab ${entry.id} could not be removed whole: ${why}`);
  }
  removeEntry(entry.id);
}

export interface Swept {
  readonly removed: readonly string[];
  /** Labs of dead makers that are still there, in part. */
  readonly failures: readonly Error[];
}

/** Removes every lab whose maker is dead. What another process is sweeping is left to it. */
export async function sweepLabs(): Promise<Swept> {
  const removed: string[] = [];
  const failures: Error[] = [];
  await sweepPlaces().catch((error: unknown) =>
    failures.push(error instanceof Error ? error : new Error(String(error))),
  );
  for (const abandoned of listEntries().filter(isAbandoned)) {
    const entry = claimEntry(abandoned);
    if (entry === undefined) continue;
    try {
      await removeLab(entry);
      removed.push(entry.id);
    } catch (error) {
      failures.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  return { removed, failures };
}

/** Server and workers that the product left running with this lab's state folder. @see contract/processes.ts */
async function endEmbeddedProcesses(stateDir: string): Promise<void> {
  if (!existsSync(stateDir)) return;
  const files = readdirSync(stateDir).flatMap((name) => [
    join(stateDir, name, 'worker.json'),
    join(stateDir, name, 'server.json'),
  ]);
  for (const file of files.filter((path) => existsSync(path))) {
    const found = processSchema.safeParse(parsed(file));
    if (found.success) await endOlderProcess(found.data);
  }
}

/** What a killed maker or worker left running would go on making what is being removed. @returns whether there was any */
async function endChildren(id: string): Promise<boolean> {
  const { kind, pids, left } = await endChildrenMarked(childMarker(id));
  if (kind === 'still-there') throw new Error(`Processes of the lab cannot be ended: ${left.join(', ')}`);
  return pids.length > 0;
}

/** The engine carries out what a killed client had sent (facts): how long something may still appear. */
const sentCallsMs = 3_000;

/** How long the engine may take to let go of what a removed container used. */
const busyMs = 15_000;

/** @throws the last refusal, when the time is over: a network is in use for as long as a container is being made in it */
async function removeFromEngine(docker: Docker, id: string, project: string, settleMs: number): Promise<void> {
  const deadline = performance.now() + settleMs;
  for (;;) {
    const failure = await removeOnce(docker, id, project).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (failure === undefined && performance.now() >= deadline) return;
    if (failure !== undefined && performance.now() >= deadline + busyMs) throw failure.error;
    await wait(200);
  }
}

async function removeOnce(docker: Docker, id: string, project: string): Promise<void> {
  await removeContainers(docker, id, project);
  await removeNetworks(docker, id, project);
  await removeVolumes(docker, id, project);
  await removeImages(docker, id);
}

const processSchema = z.object({ pid: z.number(), pidStart: z.string() });
const lockSchema = z.object({ stateDir: z.string() });

async function removeContainers(docker: Docker, id: string, project: string): Promise<void> {
  const found = await Promise.all(
    [`${labLabel}=${id}`, `com.docker.compose.project=${project}`].map((label) =>
      docker.listContainers({ all: true, filters: { label: [label] } }),
    ),
  );
  const ids = new Set(found.flat().map((container) => container.Id));
  await Promise.all([...ids].map((each) => gone(docker.getContainer(each).remove({ force: true, v: true }))));
}

async function removeNetworks(docker: Docker, id: string, project: string): Promise<void> {
  for (const label of [`${labLabel}=${id}`, `com.docker.compose.project=${project}`]) {
    for (const network of await docker.listNetworks({ filters: { label: [label] } })) {
      await disconnectAll(docker.getNetwork(network.Id));
      await gone(docker.getNetwork(network.Id).remove());
    }
  }
}

/** A container that was connected by hand, as an undo does, can leave its endpoint behind when it is removed. */
async function disconnectAll(network: Docker.Network): Promise<void> {
  const found: { readonly Containers?: Readonly<Record<string, unknown>> } | undefined = await network
    .inspect()
    .catch((error: unknown) => {
      if (statusOf(error) === 404) return undefined;
      throw error;
    });
  for (const container of Object.keys(found?.Containers ?? {})) {
    await unless([404, 403, 500], network.disconnect({ Container: container, Force: true }));
  }
}

async function removeVolumes(docker: Docker, id: string, project: string): Promise<void> {
  for (const label of [`${labLabel}=${id}`, `com.docker.compose.project=${project}`]) {
    const { Volumes } = await docker.listVolumes({ filters: JSON.stringify({ label: [label] }) });
    for (const volume of Volumes ?? []) await gone(docker.getVolume(volume.Name).remove());
  }
}

/** Also the tags by which a checkpoint holds them and the layers that were committed from a lab's container. */
async function removeImages(docker: Docker, id: string): Promise<void> {
  const images = await docker.listImages({ filters: JSON.stringify({ label: [`${labLabel}=${id}`] }) });
  for (const image of images) await gone(docker.getImage(image.Id).remove({ force: true }));
}

/** A lock of a rollback that nobody will resume: the state folder that it names is going. */
function removeLocks(stateDir: string): void {
  for (const place of lockPlaces.filter((path) => existsSync(path))) {
    for (const name of readdirSync(place).filter((each) => each.endsWith('.json'))) {
      const file = join(place, name);
      const lock = lockSchema.safeParse(parsed(file));
      if (lock.success && lock.data.stateDir === stateDir) unlinkSync(file);
    }
  }
}

/** 404: gone already. 409 on a container: another sweep is removing it. */
async function gone(act: Promise<unknown>): Promise<void> {
  try {
    await unless([404], act);
  } catch (error) {
    if (statusOf(error) !== 409 || !String(error).includes('already in progress')) throw error;
  }
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
