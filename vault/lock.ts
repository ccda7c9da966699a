import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, realpathSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { createFileDurably, readIfThere, syncDir } from './durable-file.ts';
import { errorCode, RecordDamaged } from './errors.ts';

/**
 * The host-wide lock (design §4.9). It lies at a fixed path outside ROLLBACK_STATE_DIR and is keyed by what is rolled
 * back, so that it excludes a second rollback of the same system whatever its environment is called and whatever
 * Temporal server it uses. It belongs to a rollback, not to a process: a killed worker keeps it, a resume takes it again.
 */
const holderSchema = z.object({
  environment: z.string(),
  rollbackId: z.string(),
  who: z.string(),
  host: z.string(),
  /** ISO instant. */
  since: z.string(),
  why: z.string(),
  /** Temporal server and namespace in words. */
  server: z.string(),
  stateDir: z.string(),
  /** What is rolled back, for whoever cannot ask the engine for its part of the key. */
  composeProject: z.string().default(''),
  repository: z.string().default(''),
});

export type LockHolder = Readonly<z.infer<typeof holderSchema>>;

export type TakenLock =
  | { readonly kind: 'taken' | 'already-mine'; readonly path: string; readonly place: 'run-lock' | 'fallback' }
  | { readonly kind: 'held'; readonly path: string; readonly holder: LockHolder };

/** Folders that are looked at, in order of preference: a lock in any of them counts, whoever could create which. */
export const lockPlaces: readonly string[] = ['/run/lock/durable-rollback', '/tmp/durable-rollback-locks'];

/** First of the fixed folders that this account can use. */
export function lockDir(places: readonly string[] = lockPlaces): {
  readonly path: string;
  readonly place: 'run-lock' | 'fallback';
} {
  const refused: string[] = [];
  for (const [index, path] of places.entries()) {
    const reason = makeShared(path);
    if (reason === undefined) return { path, place: index === 0 ? 'run-lock' : 'fallback' };
    refused.push(`${path}: ${reason}`);
  }
  throw new RecordDamaged({ path: places.join(', '), why: `no folder for the host-wide lock (${refused.join('; ')})` });
}

/** Key of what is rolled back: same daemon, same compose project, same real repository path → same lock. */
export function lockKey(system: {
  readonly daemonId: string;
  readonly composeProject: string;
  readonly repository: string;
}): string {
  const repository = realPathOr(system.repository);
  return createHash('sha256').update(`${system.daemonId}\0${system.composeProject}\0${repository}`).digest('hex');
}

/**
 * Takes the lock or says who has it. Atomic: of two callers at most one gets it. Taking it again for the same
 * environment and rollback is `already-mine`; after a reboot emptied /run it is simply `taken` again.
 */
export function takeLock(key: string, holder: LockHolder, places: readonly string[] = lockPlaces): TakenLock {
  const before = findLock(key, places);
  if (before !== undefined) return judge(before, holder, places);

  const { path: dir, place } = lockDir(places);
  const path = join(dir, fileName(key));
  const won = createFileDurably(path, `${JSON.stringify(holderSchema.parse(holder), null, 2)}\n`, 0o644);
  const others = places.filter((other) => other !== dir);
  // Somebody who could not use our folder may have taken it in the other one meanwhile: both then step back.
  const rival = won ? findLock(key, others) : findLock(key, [dir]);
  if (rival === undefined && won) return { kind: 'taken', path, place };
  if (rival === undefined) return takeLock(key, holder, places);
  const judged = judge(rival, holder, places);
  if (won && judged.kind === 'held') unlinkSync(path);
  return judged;
}

/** Gives the lock back. Another rollback's lock is never touched. */
export function releaseLock(
  key: string,
  rollbackId: string,
  places: readonly string[] = lockPlaces,
): 'released' | 'not-held' | 'held-by-other' {
  const found = findLock(key, places);
  if (found === undefined) return 'not-held';
  if (found.holder.rollbackId !== rollbackId) return 'held-by-other';
  unlinkSync(found.path);
  syncDir(join(found.path, '..'));
  return 'released';
}

/** Who holds the lock; readable by everybody. */
export function readLock(key: string, places: readonly string[] = lockPlaces): LockHolder | undefined {
  return findLock(key, places)?.holder;
}

/** The lock with the place where it lies. */
export function findHolder(key: string, places: readonly string[] = lockPlaces): FoundLock | undefined {
  return findLock(key, places);
}

/**
 * Locks of this host on the same compose project and repository, on whatever engine: for an account that may not ask
 * the engine, and so has no key.
 */
export function holdersOf(
  system: { readonly composeProject: string; readonly repository: string },
  places: readonly string[] = lockPlaces,
): readonly LockHolder[] {
  const repository = readablePathOr(system.repository);
  return allHolders(places).filter(
    (holder) => holder.composeProject === system.composeProject && holder.repository === repository,
  );
}

/** Who holds a system for this environment of this state folder, whatever the system's key is. */
export function holderFor(
  place: { readonly environment: string; readonly stateDir: string },
  places: readonly string[] = lockPlaces,
): LockHolder | undefined {
  return allHolders(places).find(
    ({ environment, stateDir }) => environment === place.environment && stateDir === place.stateDir,
  );
}

function allHolders(places: readonly string[]): readonly LockHolder[] {
  return places
    .flatMap((place) => namesIn(place).map((name) => join(place, name)))
    .flatMap((path) => {
      const text = readIn(path);
      return text === undefined ? [] : [parseHolder(path, text)];
    });
}

/** One sentence for whoever is refused: who, since when, why, and on which server to look for it. */
export function holderText(holder: LockHolder): string {
  const { rollbackId, environment, who, since, why, server, stateDir } = holder;
  return (
    `This system is held by ${rollbackId} of environment ${environment}, started by ${who} at ${since} (${why}); ` +
    `it runs on ${server}, its state lies in ${stateDir}.`
  );
}

export interface FoundLock {
  readonly path: string;
  readonly holder: LockHolder;
}

function namesIn(place: string): readonly string[] {
  try {
    return readdirSync(place).filter((name) => lockName.test(name));
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}

/** The name of a finished lock file: a half-written one has another. */
const lockName = /^[0-9a-f]{64}\.json$/;

function findLock(key: string, places: readonly string[]): FoundLock | undefined {
  for (const place of places) {
    const path = join(place, fileName(key));
    const text = readIn(path);
    if (text !== undefined) return { path, holder: parseHolder(path, text) };
  }
  return undefined;
}

/** Where a file stands in place of the folder, as anybody can put one into /tmp, no lock can lie. */
function readIn(path: string): string | undefined {
  try {
    return readIfThere(path);
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

function judge(found: FoundLock, me: LockHolder, places: readonly string[]): TakenLock {
  const mine = found.holder.environment === me.environment && found.holder.rollbackId === me.rollbackId;
  if (!mine) return { kind: 'held', path: found.path, holder: found.holder };
  const first = places[0];
  const inFirst = first !== undefined && found.path.startsWith(`${first}/`);
  return { kind: 'already-mine', path: found.path, place: inFirst ? 'run-lock' : 'fallback' };
}

function parseHolder(path: string, text: string): LockHolder {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new RecordDamaged({ path, why: error instanceof Error ? error.message : String(error) });
  }
}

function fileName(key: string): string {
  return `${key}.json`;
}

/** Makes a folder that every account can use like /tmp; returns why it cannot. */
function makeShared(path: string): string | undefined {
  try {
    mkdirSync(path, { mode: 0o1777 });
    // The umask took bits away; the sticky bit keeps others from removing a lock.
    chmodSync(path, 0o1777);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'EEXIST') return code ?? String(error);
  }
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isDirectory()) return 'not a folder';
  if (process.getuid?.() !== 0 && (stat.mode & 0o002) === 0 && stat.uid !== process.getuid?.()) return 'not writable';
  return undefined;
}

/** For reading only: an account that may not look compares the path as it was given. */
function readablePathOr(path: string): string {
  try {
    return realPathOr(path);
  } catch (error) {
    if (errorCode(error) === 'EACCES') return path;
    throw error;
  }
}

/** A repository that is not there (any more) is keyed by its path as given. */
export function realPathOr(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return path;
    throw error;
  }
}
