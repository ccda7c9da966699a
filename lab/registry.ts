import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../vault/errors.ts';
import { processStart } from '../vault/processes.ts';
import { labsRoot } from './paths.ts';

/**
 * Which labs there are on this machine, who made them and whether that process still lives. Written before anything
 * else of a lab, removed after everything else: a crash in between leaves an entry for the next sweep.
 */
const entrySchema = z.object({
  format: z.literal(1),
  id: z.string(),
  style: z.enum(['runbook', 'suffixed']),
  folder: z.string(),
  /** Made by hand: outlives its maker, goes with `down` only. */
  keep: z.boolean(),
  pid: z.number(),
  pidStart: z.string(),
  ports: z.object({ stable: z.number(), experiment: z.number(), router: z.number().default(0) }),
  compose: z.enum(['v1', 'v5']),
  dockerHost: z.string().nullable(),
  /** Addresses of its network on an engine that must not choose them. */
  subnet: z.string().nullable().default(null),
  createdAt: z.string(),
  /** Ids of the images as built; null until then. */
  images: z.object({ base: z.string(), stable: z.string(), experiment: z.string() }).nullable(),
  checkpointCommit: z.string().nullable(),
});

export type LabEntry = Readonly<z.infer<typeof entrySchema>>;

export function writeEntry(entry: LabEntry): void {
  mkdirSync(registryFolder(), { recursive: true });
  const path = entryFile(entry.id);
  writeFileSync(`${path}.new`, `${JSON.stringify(entry, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

export function removeEntry(id: string): void {
  rmSync(entryFile(id), { force: true });
}

export function readEntry(id: string): LabEntry | undefined {
  const path = entryFile(id);
  return existsSync(path) ? entrySchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
}

export function listEntries(): readonly LabEntry[] {
  if (!existsSync(registryFolder())) return [];
  return readdirSync(registryFolder())
    .filter((name) => name.endsWith('.json'))
    .map((name) => readEntry(name.slice(0, -'.json'.length)))
    .filter((entry) => entry !== undefined);
}

/** Its maker is gone (pid and start time), and it was not made to stay. */
export function isAbandoned(entry: LabEntry): boolean {
  return !entry.keep && processStart(entry.pid) !== entry.pidStart;
}

/**
 * Makes an abandoned lab ours, so that of two sweeps only one removes it, and it is abandoned again if that one dies.
 * @returns undefined when another was faster
 */
export function claimEntry(entry: LabEntry): LabEntry | undefined {
  const path = entryFile(entry.id);
  const claimed = `${path}.${process.pid}`;
  try {
    renameSync(path, claimed);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const ours = { ...entry, ...makerOf() };
  writeEntry(ours);
  rmSync(claimed);
  return ours;
}

/** Who makes a lab: this process. */
export function makerOf(): Pick<LabEntry, 'pid' | 'pidStart'> {
  return { pid: process.pid, pidStart: processStart(process.pid) ?? 'unknown' };
}

function entryFile(id: string): string {
  return join(registryFolder(), `${id}.json`);
}

function registryFolder(): string {
  return join(labsRoot(), '.registry');
}
