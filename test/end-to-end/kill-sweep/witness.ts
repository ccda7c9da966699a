import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import { chat } from '../../../lab/ask.ts';
import { queries } from '../../../lab/content.ts';
import type { Lab } from '../../../lab/lab.ts';
import { nameExists } from '../../../vault/durable-file.ts';
import { asideDirFor } from '../../../vault/restore-tree.ts';
import { contentOf, lostOf } from '../support/content.ts';
import type { ContainerEvent } from '../support/engine-events.ts';
import type { Practice } from '../support/practice.ts';

/** What was there before the rollback: whom to watch, and every byte. */
export interface Before {
  readonly roles: ReadonlyMap<string, string>;
  readonly known: ReadonlyMap<string, string>;
  readonly content: ReadonlyMap<string, string>;
  readonly roots: readonly string[];
  /** Commit of HEAD. */
  readonly head: string;
  readonly events: number;
}

/** What the world itself says of a rollback: the engine's events, git's reflog, the bytes. Nothing of it is our log. */
export interface Witness {
  /** `role action` and how often the engine saw it. */
  readonly happened: Readonly<Record<string, number>>;
  /** How each container ended up. */
  readonly states: Readonly<Record<string, string>>;
  /** Times HEAD went to the branch of the rollback. */
  readonly moves: number;
  readonly head: string;
  /** Files that are not as at the checkpoint, by data root. */
  readonly differing: readonly string[];
  /** Files of which no copy is left anywhere. */
  readonly lost: readonly string[];
  readonly answers: readonly unknown[];
}

/** @param known content of the data roots at the checkpoint */
export async function lookBefore(practice: Practice, known: ReadonlyMap<string, string>): Promise<Before> {
  const { lab, events } = practice;
  const containers = Object.entries(await lab.containers());
  const roots = await rootsOf(lab);
  return {
    roles: new Map(containers.map(([role, { id }]) => [id, role])),
    known,
    content: contentOf([lab.repository, lab.paths.home, ...roots]),
    roots,
    head: git(lab, 'rev-parse', 'HEAD'),
    events: events.seen.length,
  };
}

export async function rootsOf(lab: Lab): Promise<readonly string[]> {
  const { Mountpoint } = await lab.docker.getVolume(lab.names.volume).inspect();
  return [lab.paths.agent, lab.paths.gemini, Mountpoint];
}

/** Acts of which a second one would be harm, or show that one was done twice. */
const telling = ['create', 'start', 'pause', 'unpause', 'die', 'destroy'];

export async function lookAfter(practice: Practice, before: Before): Promise<Witness> {
  const { lab, events } = practice;
  const files = practice.files();
  const aside = [
    ...before.roots.map((root) => asideDirFor(root, files.rollbackId)),
    join(lab.repository, '.git', 'durable-rollback', files.rollbackId),
  ];
  const kept = [files.dir, ...aside].filter(nameExists);
  return {
    happened: tally(events.seen.slice(before.events), (event) => roleOf(lab, before, event)),
    states: await statesOf(lab),
    moves: movesOf(lab, files.rollbackId),
    head: git(lab, 'rev-parse', 'HEAD') === lab.entry().checkpointCommit ? 'checkpoint' : 'elsewhere',
    differing: differenceOf(before.known, contentOf(before.roots)).map((path) => path.replaceAll(lab.id, '<lab>')),
    lost: lostOf(before.content, kept)
      .filter((path) => !isInGit(lab, before, path))
      .map((path) => path.replaceAll(lab.id, '<lab>')),
    answers: await Promise.all(Object.values(queries).map((query) => chat(lab.ports.stable, query))),
  };
}

function tally(events: readonly ContainerEvent[], roleFor: (event: ContainerEvent) => string | undefined) {
  const counts: Record<string, number> = {};
  for (const event of events) {
    const role = roleFor(event);
    if (role === undefined || !telling.includes(event.action)) continue;
    const key = `${role} ${event.action}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).sort());
}

/** A replaced container has another id and, on compose v1, for a moment another name. */
function roleOf({ names }: Lab, { roles }: Before, { id, name }: ContainerEvent): string | undefined {
  const known = roles.get(id);
  if (known !== undefined) return known;
  if (name.endsWith(names.experiment) || name.endsWith(names.byHand)) return 'experiment anew';
  return name.endsWith(names.stable) ? 'stable anew' : undefined;
}

async function statesOf(lab: Lab): Promise<Readonly<Record<string, string>>> {
  const images = lab.entry().images;
  const states = Object.entries(await lab.containers()).map(async ([role, { id }]) => {
    const { State, Image, HostConfig } = await lab.docker.getContainer(id).inspect();
    const image = Image === images?.stable ? 'stable' : Image === images?.experiment ? 'experiment' : 'another';
    return [role, `${State.Status} on the ${image} image, restart ${HostConfig.RestartPolicy?.Name}`] as const;
  });
  return Object.fromEntries((await Promise.all(states)).sort());
}

/** The message that a move of HEAD leaves names the rollback. */
function movesOf(lab: Lab, rollbackId: string): number {
  return git(lab, 'reflog', '--format=%gs', 'HEAD')
    .split('\n')
    .filter((line) => line.includes(rollbackId)).length;
}

/** What was committed is kept by the branch that was left. */
function isInGit(lab: Lab, before: Before, path: string): boolean {
  const name = relative(lab.repository, path);
  if (name.startsWith('..')) return false;
  const shown = spawnSync('git', ['-C', lab.repository, 'show', `${before.head}:${name}`]);
  return shown.status === 0 && createHash('sha256').update(shown.stdout).digest('hex') === before.content.get(path);
}

function git(lab: Lab, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', lab.repository, ...args], { encoding: 'utf8' }).trim();
}

function differenceOf(was: ReadonlyMap<string, string>, is: ReadonlyMap<string, string>): readonly string[] {
  const paths = new Set([...was.keys(), ...is.keys()]);
  return [...paths].filter((path) => was.get(path) !== is.get(path)).sort();
}
