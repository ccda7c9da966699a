import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere, writeFileDurably } from '../vault/durable-file.ts';
import { ensureDir, environmentLayout } from '../vault/layout.ts';
import { versionsName } from '../vault/versions-file.ts';

/** Workflow code in one file, and its SHA-256 (hex). */
export interface Bundle {
  readonly path: string;
  readonly hash: string;
}

/**
 * Puts a bundle by its hash into the environment's state folder, where it outlives an upgrade: a rollback goes on with
 * the code that it began with (design §3).
 */
export function keepBundle(stateRoot: string, environment: string, file: string): Bundle {
  const code = readFileSync(file, 'utf8');
  const hash = hashOf(code);
  const path = pathOf(stateRoot, environment, hash);
  if (!isWhole(path, hash)) {
    ensureDir(bundlesDir(stateRoot, environment));
    writeFileDurably(path, code);
  }
  return { path, hash };
}

/** @returns undefined when it is not there, or not what its name says */
export function keptBundle(stateRoot: string, environment: string, hash: string): Bundle | undefined {
  const path = pathOf(stateRoot, environment, hash);
  return isWhole(path, hash) ? { path, hash } : undefined;
}

/** Where a worker says what it works with: for a rollback that is killed before it could say so itself. */
export function lastVersionsPath(stateRoot: string, environment: string): string {
  return join(bundlesDir(stateRoot, environment), versionsName);
}

export function bundlesDir(stateRoot: string, environment: string): string {
  return join(environmentLayout(stateRoot, environment).root, 'bundles');
}

function pathOf(stateRoot: string, environment: string, hash: string): string {
  return join(bundlesDir(stateRoot, environment), `${hash}.js`);
}

function isWhole(path: string, hash: string): boolean {
  const code = readIfThere(path);
  return code !== undefined && hashOf(code) === hash;
}

function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}
