import { lstatSync, realpathSync } from 'node:fs';
import { GitError, type SimpleGit, simpleGit } from 'simple-git';
import { fenceVariable } from '../../vault/processes.ts';
import { ActFailure } from '../kernel/failures.ts';
import { type Piped, pipeCommand } from './pipe-command.ts';

/** One repository, asked and changed as its owner, without running any of its code (design §4.7). */
export interface Git {
  /** Real path of the working tree's top. */
  readonly top: string;
  /** HEAD, index and operation state lie here; differs from `commonDir` in a linked working tree. */
  readonly gitDir: string;
  readonly commonDir: string;
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Standard output as text. @throws ActFailure `git-failed` when git ends with another code than 0 */
  text(args: readonly string[], options?: GitOptions): Promise<string>;
  /** The same, where a code other than 0 is an answer. */
  ask(args: readonly string[], options?: GitOptions): Promise<GitAnswer>;
  /** Bytes in and out: names that are no text, and what is too large for memory. */
  pipe(args: readonly string[], options?: GitPipe): Promise<Piped>;
}

export interface GitOptions {
  /** A private index, so that the real one is not touched. */
  readonly index?: string;
  /** Paths and patterns in arguments are taken as they are unless this is said. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface GitPipe extends GitOptions {
  readonly input?: Buffer | undefined;
  readonly file?: string | undefined;
  readonly maxBytes?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface GitAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OpenGit {
  readonly path: string;
  readonly marker: string;
  readonly signal: AbortSignal;
  /** Filters (such as LFS) that the target allows by name; all others are switched off. */
  readonly allowFilters?: readonly string[];
}

/** Without a word from git for this long it is taken as dead. */
const silentMs = 120_000;
const longestMs = 30 * 60_000;
const memoryBytes = 256 * 1024 * 1024;

/**
 * Opens the repository that holds `path`.
 * @throws ActFailure `git-failed` when there is none, `refused` for a bare one
 */
export async function openGit(options: OpenGit): Promise<Git> {
  const path = realPathOf(options.path);
  const stat = lstatSync(path);
  const owner = { uid: stat.uid, gid: stat.gid };
  const first = runner({ ...options, path, owner, config: [] });
  const [top, gitDir, commonDir] = await Promise.all(
    ['--show-toplevel', '--absolute-git-dir', '--git-common-dir'].map((what) =>
      first.text(['rev-parse', '--path-format=absolute', what]),
    ),
  );
  if (!top || !gitDir || !commonDir) {
    throw new ActFailure('refused', `${path} is no working tree of a git repository; nothing was done.`);
  }
  const config = await filtersOff(first, options.allowFilters ?? []);
  return { ...runner({ ...options, path: top, owner, config }), top, gitDir, commonDir, owner };
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new ActFailure('git-failed', `The repository ${path} is not there; nothing was done.`, { cause });
  }
}

/** An empty command is no filter; `required` would turn the missing filter into an error. */
async function filtersOff(git: Runner, allowed: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await git.ask(['config', '--name-only', '-z', '--get-regexp', '^filter\\.']);
  return stdout.split('\0').flatMap((key) => {
    const match = /^filter\.(.+)\.(clean|smudge|process|required)$/s.exec(key);
    if (match === null || allowed.includes(match[1] ?? '')) return [];
    return [`${key}=${match[2] === 'required' ? 'false' : ''}`];
  });
}

type Runner = Pick<Git, 'text' | 'ask' | 'pipe'>;

interface RunnerOptions extends OpenGit {
  readonly owner: Git['owner'];
  readonly config: readonly string[];
}

/**
 * simple-git carries owner, environment, deadline and abort; it hands out text only, so bytes go through a pipe of our
 * own with the very same settings.
 */
function runner(options: RunnerOptions): Runner {
  const config = [...settings, ...options.config];
  const environmentOf = (extra: GitOptions | undefined) => ({
    ...environment,
    ...(extra?.index === undefined ? {} : { GIT_INDEX_FILE: extra.index }),
    ...extra?.environment,
  });
  const ask: Git['ask'] = async (args, extra) => {
    const env = environmentOf(extra);
    try {
      const stdout = await client(options, config, env).raw([...args]);
      return { exitCode: 0, stdout: stdout.replace(/\n$/, ''), stderr: '' };
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof GitEnded) return error.answer;
      throw new ActFailure('git-failed', `git ${args[0] ?? ''} could not be run: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };
  return {
    ask,
    async text(args, extra) {
      const answer = await ask(args, extra);
      if (answer.exitCode === 0) return answer.stdout;
      throw failed(args, answer);
    },
    pipe: (args, extra) =>
      pipeCommand({
        argv: ['git', ...config.flatMap((pair) => ['-c', pair]), ...args],
        cwd: options.path,
        environment: environmentOf(extra),
        owner: options.owner,
        timeoutMs: extra?.timeoutMs ?? longestMs,
        marker: options.marker,
        signal: options.signal,
        input: extra?.input,
        output: { maxBytes: extra?.maxBytes ?? memoryBytes, file: extra?.file },
      }),
  };
}

/** The failure of a git command, with its own words. */
export function failed(args: readonly string[], answer: { readonly exitCode: number | null; readonly stderr: string }) {
  const said = answer.stderr.trim().split('\n').slice(-3).join(' | ').slice(-400);
  return new ActFailure('git-failed', `git ${args[0] ?? ''} ended with ${answer.exitCode ?? 'a signal'}: ${said}`, {
    data: { args: args.slice(0, 12), exitCode: answer.exitCode },
  });
}

function client(options: RunnerOptions, config: readonly string[], env: Record<string, string>): SimpleGit {
  const changesOwner = process.getuid?.() === 0 && options.owner.uid !== 0;
  return simpleGit({
    baseDir: options.path,
    config: [...config],
    trimmed: false,
    abort: options.signal,
    timeout: { block: silentMs },
    // Only root can become somebody else.
    ...(changesOwner ? { spawnOptions: options.owner } : {}),
    // We switch these off ourselves, which simple-git takes for an attempt to switch them on.
    unsafe: {
      allowUnsafeHooksPath: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeFilter: true,
      allowUnsafeConfigPaths: true,
    },
    allowEnvironment: Object.keys(env).filter((name) => name.startsWith('GIT_')),
    errors: (error, { exitCode, stdOut, stdErr }) =>
      error === undefined && exitCode === 0
        ? undefined
        : new GitEnded(error, {
            exitCode,
            stdout: Buffer.concat(stdOut).toString('utf8'),
            stderr: Buffer.concat(stdErr).toString('utf8'),
          }),
  }).env({ ...env, [fenceVariable]: options.marker });
}

class GitEnded extends GitError {
  readonly answer: GitAnswer;

  constructor(error: Buffer | Error | undefined, answer: GitAnswer) {
    super(undefined, error instanceof Error ? error.message : answer.stderr);
    this.answer = answer;
  }
}

/** No code of the repository runs, what git writes is durable, nothing is repacked meanwhile. */
const settings: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.fsync=all',
  'core.fsyncMethod=fsync',
  // Whose it is was looked at; git itself runs as that owner where it can.
  'safe.directory=*',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  'core.splitIndex=false',
  'advice.detachedHead=false',
];

/** Nothing of the worker's own environment: a GIT_DIR in it would lead elsewhere. */
const environment: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_LITERAL_PATHSPECS: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'durable-rollback',
  GIT_AUTHOR_EMAIL: 'durable-rollback@localhost',
  GIT_COMMITTER_NAME: 'durable-rollback',
  GIT_COMMITTER_EMAIL: 'durable-rollback@localhost',
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
