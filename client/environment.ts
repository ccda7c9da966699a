import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorCode } from '../vault/errors.ts';
import { stateRootFrom } from '../vault/layout.ts';
import type { PlaceOptions } from './command.ts';
import { ClientFailure } from './failures.ts';

/** The environment a command speaks about, and where its state lies. */
export interface Place {
  readonly environment: string;
  readonly stateRoot: string;
}

const defaultTargetFile = 'rollback.yaml';

export function stateRootOf(options: Pick<PlaceOptions, 'stateRoot'>): string {
  return options.stateRoot === undefined ? stateRootFrom(process.env) : resolve(options.stateRoot);
}

export function targetFileOf(options: Pick<PlaceOptions, 'target'>): string {
  return resolve(options.target ?? defaultTargetFile);
}

/**
 * Finds the environment without needing a target free of faults: status and messages must work also then.
 * In order: `--environment`, the target file's id, the only environment of the state folder.
 */
export function placeOf(options: PlaceOptions): Place {
  const stateRoot = stateRootOf(options);
  const environment = options.environment ?? environmentInFile(options) ?? onlyEnvironment(stateRoot);
  return { environment, stateRoot };
}

/** One line of the file is enough; reading it as a whole is the loader's business. */
function environmentInFile(options: PlaceOptions): string | undefined {
  const file = targetFileOf(options);
  try {
    const found = /^environment:\s*["']?([a-z0-9][a-z0-9-]*)["']?\s*(#.*)?$/m.exec(readFileSync(file, 'utf8'));
    if (found?.[1] !== undefined) return found[1];
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || options.target !== undefined) throw unreadable(file, error);
    return undefined;
  }
  throw new ClientFailure('bad-target', `${file} names no environment.`, { next: ['Give --environment <id>.'] });
}

function unreadable(file: string, cause: unknown): ClientFailure {
  return new ClientFailure('bad-target', `${file} cannot be read (${errorCode(cause) ?? String(cause)}).`, { cause });
}

function onlyEnvironment(stateRoot: string): string {
  const names = environmentsIn(stateRoot);
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  const known = names.length === 0 ? 'the state folder knows none' : `the state folder knows ${names.join(', ')}`;
  throw new ClientFailure('usage', `Which environment? There is no ${defaultTargetFile} here, and ${known}.`, {
    next: ['Give --target <file> or --environment <id>.'],
  });
}

/** Environments that have state on this host. */
export function environmentsIn(stateRoot: string): readonly string[] {
  try {
    return readdirSync(stateRoot, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && hasRollbackState(join(stateRoot, entry.name)))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}

function hasRollbackState(folder: string): boolean {
  const parts = readdirSync(folder);
  return ['epochs', 'rollbacks', 'checkpoints', 'worker.json'].some((name) => parts.includes(name));
}
