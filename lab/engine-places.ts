import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { errorCode } from '../vault/errors.ts';
import { processStart } from '../vault/processes.ts';
import { endAll } from './engine-processes.ts';
import { labsRoot } from './paths.ts';
import { makerOf } from './registry.ts';

/**
 * Where private engines live: a folder, a bridge and a range of addresses for each, reserved by making the folder, so
 * that no two share one, and found again by the next process when their maker is killed.
 */
export interface EnginePlace {
  readonly folder: string;
  readonly socket: string;
  readonly bridge: string;
  /** All its addresses, and those of a network on it; CIDR. */
  readonly pool: string;
  readonly subnet: string;
  /** What begins every address of the pool. */
  readonly prefix: string;
}

const makerSchema = z.object({ pid: z.number(), pidStart: z.string() });
const most = 50;

/** @throws Error when all are taken */
export async function reservePlace(): Promise<EnginePlace> {
  mkdirSync(enginesFolder(), { recursive: true });
  for (let n = 1; n <= most; n += 1) {
    const place = placeOf(n);
    if (addressesInUse().some((address) => address.startsWith(place.prefix)) || !make(place.folder)) continue;
    writeFileSync(makerFile(place), JSON.stringify(makerOf()));
    await addBridge(place);
    return place;
  }
  throw new Error(`All ${most} places for private engines are taken: ${enginesFolder()}`);
}

/** Removes the engines of dead makers with all that they held. What cannot be removed is left to the next sweep. */
export async function sweepPlaces(): Promise<void> {
  if (!existsSync(enginesFolder())) return;
  for (const name of readdirSync(enginesFolder())) {
    const place = placeOf(Number(name));
    if (isAbandoned(place) && claimPlace(place)) await removePlace(place);
  }
}

/** Takes an abandoned place over, so that of two sweeps only one removes it. */
export function claimPlace(place: EnginePlace): boolean {
  const claimed = `${makerFile(place)}.${process.pid}`;
  try {
    renameSync(makerFile(place), claimed);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return !existsSync(makerFile(place));
    throw error;
  }
  writeFileSync(makerFile(place), JSON.stringify(makerOf()));
  return true;
}

/** Processes, network, mounts, control groups, folder. */
export async function removePlace(place: EnginePlace): Promise<void> {
  await endAll(place.folder);
  const containers = namesIn(join(place.folder, 'data', 'containers'));
  for (const mounted of mountsBelow(place.folder)) await execa('umount', ['-l', mounted], { reject: false });
  await removeNetworks(place);
  removeControlGroups(containers);
  await rm(place.folder, { recursive: true, force: true, maxRetries: 5 });
}

function placeOf(n: number): EnginePlace {
  const folder = join(enginesFolder(), String(n));
  const prefix = `10.${150 + n}.`;
  return {
    folder,
    socket: join(folder, 'docker.sock'),
    bridge: `drlab${n}`,
    pool: `${prefix}0.0/16`,
    subnet: `${prefix}1.0/24`,
    prefix,
  };
}

function enginesFolder(): string {
  return join(labsRoot(), '.engines');
}

function makerFile({ folder }: EnginePlace): string {
  return join(folder, 'maker.json');
}

function make(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function isAbandoned(place: EnginePlace): boolean {
  try {
    const maker = makerSchema.parse(JSON.parse(readFileSync(makerFile(place), 'utf8')));
    return processStart(maker.pid) !== maker.pidStart;
  } catch {
    // Between the folder and the note of its maker lies a moment.
    const made = statSync(place.folder, { throwIfNoEntry: false })?.mtimeMs;
    return made !== undefined && Date.now() - made > 60_000;
  }
}

function addressesInUse(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list = []) => list.map(({ address }) => address));
}

async function addBridge({ bridge, prefix, pool }: EnginePlace): Promise<void> {
  await ip(['link', 'add', bridge, 'type', 'bridge']);
  await ip(['addr', 'add', `${prefix}255.1/24`, 'dev', bridge]);
  await ip(['link', 'set', bridge, 'up']);
  await letThrough('-I', pool);
}

/** All bridges with an address of this place: those that its engine made as well. */
async function removeNetworks({ bridge, prefix, pool }: EnginePlace): Promise<void> {
  const { stdout } = await ip(['-o', '-4', 'addr', 'show']);
  const ours = stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , address = '']) => address.startsWith(prefix))
    .map(([, name = '']) => name);
  for (const name of new Set([...ours, bridge])) await ip(['link', 'delete', name]);
  await letThrough('-D', pool);
}

/** Where bridged frames pass the packet filter, another engine's rule drops what it does not know (FORWARD, DROP). */
async function letThrough(how: '-I' | '-D', pool: string): Promise<void> {
  await execa('iptables', ['-w', '30', how, 'FORWARD', '-s', pool, '-d', pool, '-j', 'ACCEPT'], sbin);
}

/** What is so already is as wanted: a missing network shows when the engine starts. */
function ip(argv: readonly string[]) {
  return execa('ip', [...argv], sbin);
}

const sbin = { reject: false, env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` } } as const;

function mountsBelow(folder: string): readonly string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '))
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
}

/** Groups of containers that nobody ended in order stay, empty. */
function removeControlGroups(containers: readonly string[]): void {
  const root = '/sys/fs/cgroup';
  for (const parent of ['', ...namesIn(root)]) {
    for (const id of containers) {
      try {
        rmdirSync(join(root, parent, 'docker', id));
      } catch {
        // Not there, or still in use by a dying process: an empty group harms nobody.
      }
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}
