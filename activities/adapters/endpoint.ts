import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../../vault/errors.ts';
import { ActFailure } from '../kernel/failures.ts';

/** The one way to the engine, given to dockerode and compose alike. */
export interface Endpoint {
  /** `unix:///…`, the value of DOCKER_HOST for child processes. */
  readonly url: string;
  readonly socketPath: string;
  /** Where it was written, for messages. */
  readonly from: string;
}

const configFile = z.object({ currentContext: z.string().optional() });
const contextFile = z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) });

/**
 * Finds the engine as the docker command does: DOCKER_HOST, DOCKER_CONTEXT, current context, default socket. dockerode
 * alone knows DOCKER_HOST only, while compose follows contexts: two daemons in one rollback (facts).
 *
 * @throws ActFailure `refused` for an endpoint on another host, `docker-unavailable` for a context that cannot be read
 */
export function resolveEndpoint(env: Readonly<Record<string, string | undefined>>): Endpoint {
  const { url, from } = chosen(env);
  if (!url.startsWith('unix://') || url === 'unix://') {
    throw new ActFailure(
      'refused',
      `The Docker endpoint ${url} (${from}) is not a local socket. The worker runs on the Docker host: start it there.`,
      { data: { endpoint: url, from } },
    );
  }
  return { url, socketPath: url.slice('unix://'.length), from };
}

/** What child processes are told, so that none of them follows a context of its own account to another engine. */
export function engineEnvironment(
  endpoint: Endpoint,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return { ...env, DOCKER_HOST: endpoint.url, DOCKER_CONTEXT: undefined };
}

function chosen(env: Readonly<Record<string, string | undefined>>): { readonly url: string; readonly from: string } {
  if (env['DOCKER_HOST']) return { url: env['DOCKER_HOST'], from: 'DOCKER_HOST' };
  const folder = env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker');
  const context = env['DOCKER_CONTEXT'] || currentContext(join(folder, 'config.json'));
  if (context !== undefined && context !== 'default') {
    return { url: hostOf(folder, context), from: `docker context ${context}` };
  }
  return { url: 'unix:///var/run/docker.sock', from: 'default socket' };
}

function currentContext(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    // No configuration of the docker command: its defaults apply. One that is there says something else, perhaps.
    if (errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR') return undefined;
    throw new ActFailure('docker-unavailable', `${file} cannot be read: it may choose a docker context.`, { cause });
  }
  return parse(configFile, text, file).currentContext;
}

function hostOf(folder: string, context: string): string {
  const digest = createHash('sha256').update(context).digest('hex');
  const file = join(folder, 'contexts', 'meta', digest, 'meta.json');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ActFailure('docker-unavailable', `The docker context ${context} is chosen but ${file} cannot be read.`, {
      cause,
    });
  }
  return parse(contextFile, text, file).Endpoints.docker.Host;
}

function parse<T>(schema: z.ZodType<T>, text: string, file: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ActFailure('docker-unavailable', `${file} is not what the docker command writes.`, { cause });
  }
}
