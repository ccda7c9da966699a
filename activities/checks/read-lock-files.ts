import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { errorCode } from '../../vault/errors.ts';
import { matcherOf } from '../../vault/glob.ts';
import { showPath } from '../../vault/path-text.ts';

export interface LockFiles {
  readonly count: number;
  /** Files that cannot be read or are no JSON, in words; the first twenty. */
  readonly problems: readonly string[];
  readonly bad: number;
}

const listed = 20;

/** Session locks of the agents: every one must parse as JSON. Links are not followed. @param base relative patterns start here */
export function readLockFiles(base: string, patterns: readonly string[]): LockFiles {
  const paths = new Set(patterns.flatMap((pattern) => filesMatching(base, pattern)));
  const problems: string[] = [];
  for (const path of paths) {
    const problem = problemOf(path);
    if (problem !== null) problems.push(`${showPath(Buffer.from(relative(base, path)))}: ${problem}`);
  }
  return { count: paths.size, problems: problems.slice(0, listed), bad: problems.length };
}

/** Only the folder before the first wildcard is walked: a repository is large, a folder of locks is not. */
function filesMatching(base: string, pattern: string): readonly string[] {
  // The folder's own name may hold what a pattern would mean by it: only the pattern itself is one.
  const root = isAbsolute(pattern) ? '/' : base;
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.');
  const wild = parts.findIndex((part) => /[*?[{]/.test(part));
  const folder = join(root, ...parts.slice(0, wild < 0 ? -1 : wild));
  const matches = matcherOf([`/${parts.join('/')}`]);
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => matches(Buffer.from(relative(root, path))));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function problemOf(path: string): string | null {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return null;
  } catch (error) {
    return error instanceof SyntaxError ? 'is no JSON' : `cannot be read (${errorCode(error) ?? 'unknown'})`;
  }
}
