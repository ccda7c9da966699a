import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { copyMode, writeFileDurably } from '../../vault/layout.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { CommandResult, Compose, ComposeStack } from '../kernel/world.ts';
import { makeCommands } from './commands.ts';
import { type ComposeCommand, findCompose } from './compose-command.ts';
import type { Endpoint } from './endpoint.ts';

const configMs = 30_000;
const upMs = 110_000;
const configBytes = 8 * 1024 * 1024;

const configuration = z.object({
  services: z.record(z.string(), z.object({ image: z.string().optional(), container_name: z.string().optional() })),
});

export interface ComposeOptions {
  readonly endpoint: Endpoint;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Compose, v1 or today's, on the very engine the rollback uses. Exit codes and files are read, tables never. `up`
 * touches the named services only: no dependencies, no build, no pull, no orphans, no volumes.
 *
 * @throws (config) ActFailure `compose-failed`
 */
export function makeCompose(options: ComposeOptions): Compose {
  const commands = makeCommands(environmentFor(options));
  let found: Promise<ComposeCommand> | undefined;
  const command = () => {
    found ??= findCompose({ commands, env: options.env }).catch((error: unknown) => {
      // Not remembered: somebody may install it meanwhile.
      found = undefined;
      throw error;
    });
    return found;
  };

  async function run(
    stack: ComposeStack,
    how: {
      readonly overrides: readonly string[];
      readonly verb: readonly string[];
      readonly timeoutMs: number;
      readonly maxOutputBytes: number;
      readonly marker: string;
      readonly signal?: AbortSignal;
    },
  ): Promise<CommandResult> {
    const { argv, major } = await command();
    return await withEnvFiles(stack.envFiles, major, (envFiles) =>
      commands.run({
        argv: [
          ...argv,
          ...['--project-directory', stack.directory, '-p', stack.project],
          ...stack.files.map((file) => asTyped(stack.directory, file)).flatMap((file) => ['-f', file]),
          ...how.overrides.flatMap((file) => ['-f', file]),
          ...envFiles.flatMap((file) => ['--env-file', file]),
          ...stack.profiles.flatMap((profile) => ['--profile', profile]),
          ...how.verb,
        ],
        cwd: stack.directory,
        timeoutMs: how.timeoutMs,
        maxOutputBytes: how.maxOutputBytes,
        marker: how.marker,
        ...(how.signal ? { signal: how.signal } : {}),
      }),
    );
  }

  return {
    async version() {
      const { major, text } = await command();
      return { major, text };
    },

    async config(stack, marker) {
      const bounds = { timeoutMs: configMs, maxOutputBytes: configBytes };
      const answer = await run(stack, { overrides: [], verb: ['config'], marker, ...bounds });
      const parsed = answer.exitCode === 0 ? configuration.safeParse(yamlOf(answer.stdout)) : undefined;
      if (!parsed?.success) {
        throw new ActFailure('compose-failed', `compose config ended ${ending(answer)}: ${lastLines(answer.output)}`);
      }
      const services = Object.entries(parsed.data.services).map(([name, service]) => [
        name,
        {
          ...(service.image === undefined ? {} : { image: service.image }),
          ...(service.container_name === undefined ? {} : { containerName: service.container_name }),
        },
      ]);
      return { text: answer.stdout, services: Object.fromEntries(services) };
    },

    async up(stack, wanted) {
      const { major } = await command();
      const pins = await pinned(stack, wanted.images, wanted.overrideFile);
      const verb = [
        ...['up', '-d', '--no-build', '--no-deps'],
        ...(major === 1 ? [] : ['--pull', 'never']),
        ...(wanted.keepExisting ? ['--no-recreate'] : []),
        ...wanted.services,
      ];
      const bounds = { timeoutMs: upMs, maxOutputBytes: 64 * 1024 };
      const answer = await run(stack, {
        overrides: pins,
        verb,
        marker: wanted.marker,
        ...bounds,
        ...(wanted.signal ? { signal: wanted.signal } : {}),
      });
      return {
        exitCode: answer.exitCode ?? 1,
        output: answer.timedOut ? `${answer.output}\n(timed out)` : answer.output,
      };
    },
  };
}

/** The operator's own compose settings must not reach ours: COMPOSE_REMOVE_ORPHANS alone would remove a whole system. */
function environmentFor(options: ComposeOptions): Record<string, string | undefined> {
  const kept = Object.entries(options.env).filter(
    ([name]) => (!name.startsWith('COMPOSE_') || name === 'COMPOSE_COMPATIBILITY') && name !== 'DOCKER_CONTEXT',
  );
  return {
    ...Object.fromEntries(kept),
    DOCKER_HOST: options.endpoint.url,
    COMPOSE_REMOVE_ORPHANS: 'false',
    COMPOSE_IGNORE_ORPHANS: 'true',
  };
}

/** Writes the override that starts services on image ids; none when nothing is pinned. */
async function pinned(
  stack: ComposeStack,
  images: Readonly<Record<string, string>>,
  overrideFile: string,
): Promise<readonly string[]> {
  if (Object.keys(images).length === 0) return [];
  const services = Object.fromEntries(Object.entries(images).map(([service, image]) => [service, { image }]));
  // v1 takes files of one version only, and today's compose ignores the line.
  const version = await versionLine(stack);
  writeFileDurably(overrideFile, stringify({ ...version, services }), copyMode);
  return [overrideFile];
}

async function versionLine(stack: ComposeStack): Promise<{ readonly version?: string }> {
  const [first] = stack.files;
  if (first === undefined) return {};
  const file = isAbsolute(first) ? first : join(stack.directory, first);
  const head = z.object({ version: z.union([z.string(), z.number()]) }).safeParse(yamlOf(await readFile(file, 'utf8')));
  return head.success ? { version: String(head.data.version) } : {};
}

/** v1 writes the file's name into a label as it was typed: what lies in the folder is named from there, as people do. */
function asTyped(directory: string, file: string): string {
  const name = relative(directory, file);
  return isAbsolute(file) && !name.startsWith('..') ? name : file;
}

/** v1 takes one env file only: several become one, in their order. */
async function withEnvFiles<T>(
  files: readonly string[],
  major: 1 | 2,
  use: (files: readonly string[]) => Promise<T>,
): Promise<T> {
  if (major === 2 || files.length < 2) return await use(files);
  const folder = await mkdtemp(join(tmpdir(), 'rollback-env-'));
  try {
    const joined = join(folder, 'joined.env');
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    await writeFile(joined, texts.map((text) => `${text}\n`).join(''), { mode: 0o600 });
    return await use([joined]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function yamlOf(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function ending(answer: CommandResult): string {
  return answer.timedOut ? `at its limit of ${configMs} ms` : String(answer.exitCode ?? answer.signal);
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-5).join(' | ').slice(-600);
}
