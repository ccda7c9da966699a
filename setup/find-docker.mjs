import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.mjs';

const answerDeadlineMs = 5_000;

/** Where an engine listens that nobody told anything. */
export const defaultSocket = 'unix:///var/run/docker.sock';

/**
 * The address of the engine, as the docker command and activities/adapters/endpoint.ts choose it: DOCKER_HOST,
 * DOCKER_CONTEXT, current context, default socket.
 * @returns {{ url: string, from: string }}
 */
export function dockerEndpoint(env = process.env) {
  if (env.DOCKER_HOST) return { url: env.DOCKER_HOST, from: 'DOCKER_HOST' };
  const folder = env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker');
  const context = env.DOCKER_CONTEXT || readJson(join(folder, 'config.json'))?.currentContext;
  if (context !== undefined && context !== '' && context !== 'default') {
    const digest = createHash('sha256').update(context).digest('hex');
    const host = readJson(join(folder, 'contexts', 'meta', digest, 'meta.json'))?.Endpoints?.docker?.Host;
    return { url: host ?? '', from: `docker context ${context}` };
  }
  return { url: defaultSocket, from: 'default socket' };
}

/**
 * Asks the engine whether it is there.
 * @param {string} url
 * @returns {Promise<string>} '' when it answers, else why not
 */
export async function askDocker(url) {
  if (url.startsWith('unix://')) return ping(url.slice('unix://'.length));
  const answer = await run(['docker', '--host', url, 'version', '--format', '{{.Server.Version}}'], {
    deadlineMs: 3 * answerDeadlineMs,
  });
  return answer.ok ? '' : answer.why;
}

/** @param {string} socketPath @returns {Promise<string>} */
function ping(socketPath) {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping', timeout: answerDeadlineMs }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200 ? '' : `HTTP ${response.statusCode}`));
    });
    asked.once('timeout', () => asked.destroy(new Error(`${socketPath} does not answer`)));
    asked.once('error', (error) => resolve(error.message));
    asked.end();
  });
}

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The docker command was never configured here.
    return undefined;
  }
}
