import { makeCommands } from '../activities/adapters/commands.ts';
import { makeCompose } from '../activities/adapters/compose.ts';
import { makeDocker } from '../activities/adapters/docker.ts';
import { engineEnvironment, resolveEndpoint } from '../activities/adapters/endpoint.ts';
import { makeHttp } from '../activities/adapters/http.ts';
import type { World } from '../activities/kernel/world.ts';

/** Wires the real adapters: one Docker endpoint, resolved once, for engine and compose alike (design §3). */
export function realWorld(stateRoot: string, server: string, env: NodeJS.ProcessEnv): World {
  const endpoint = resolveEndpoint(env);
  return {
    docker: makeDocker(endpoint),
    compose: makeCompose({ endpoint, env }),
    http: makeHttp(),
    commands: makeCommands(engineEnvironment(endpoint, env)),
    stateRoot,
    server,
    secrets: env,
    now: () => Date.now(),
  };
}
