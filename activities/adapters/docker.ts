import { Agent } from 'node:http';
import { inspect } from 'node:util';
import Dockerode from 'dockerode';
import { ActFailure } from '../kernel/failures.ts';
import type { ContainerFacts, Docker } from '../kernel/world.ts';
import { containerFacts } from './container-facts.ts';
import { limitsOf, updateFor } from './container-limits.ts';
import { containerStats } from './container-stats.ts';
import { orNone, statusOf, withDeadline, withSignal } from './docker-errors.ts';
import { imageCalls } from './docker-images.ts';
import { dockerMaking, endpointOf } from './docker-making.ts';
import { containerArchive, containerLogs, engineEvents } from './docker-streams.ts';
import type { Endpoint } from './endpoint.ts';

/** A commit writes a layer to disk. */
const commitMs = 120_000;

/** How long an answer is waited for; a stop has its grace in addition. */
export interface Deadlines {
  readonly readMs?: number;
  readonly changeMs?: number;
  readonly startMs?: number;
}

/**
 * The engine over dockerode. No API version is pinned: engines in use speak 1.41 to 1.56 (facts). Every call has a
 * deadline; what is already so is said as `already`, found out by looking and never by the text of a message.
 *
 * @throws (each method) ActFailure `docker-unavailable`, or `docker-refused` with `data.statusCode`
 */
export function makeDocker(endpoint: Endpoint, deadlines: Deadlines = {}): Docker {
  const { readMs = 15_000, changeMs = 20_000, startMs = 60_000 } = deadlines;
  // A connection kept alive would be a dead one after a restart of the daemon.
  const options = { socketPath: endpoint.socketPath, agent: plainAgent() };
  const engine = new Dockerode(options);
  const container = (id: string) => engine.getContainer(id);

  async function inspect(id: string): Promise<ContainerFacts | undefined> {
    const raw = await orNone(404, inspectRaw(id));
    return raw === undefined ? undefined : containerFacts(raw);
  }

  function inspectRaw(id: string): Promise<unknown> {
    return withDeadline(`inspect ${short(id)}`, readMs, (abortSignal) => container(id).inspect({ abortSignal }));
  }

  /** Sends a change; when it is refused, looks whether the world is already as wanted. */
  async function change(
    verb: string,
    id: string,
    deadlineMs: number,
    send: (abortSignal: AbortSignal) => Promise<unknown>,
    alreadySo: (facts: ContainerFacts | undefined) => boolean,
  ): Promise<'done' | 'already'> {
    try {
      await withDeadline(`${verb} ${short(id)}`, deadlineMs, send);
      return 'done';
    } catch (error) {
      const status = statusOf(error);
      if (status === 304) return 'already';
      if (status !== undefined && alreadySo(await inspect(id))) return 'already';
      throw error;
    }
  }

  async function machine(): Promise<{ readonly cpus: number; readonly memoryBytes: number }> {
    const info = await withDeadline('tell about itself', readMs, () => engine.info());
    return { cpus: Number(info.NCPU), memoryBytes: Number(info.MemTotal) };
  }

  return {
    endpoint: endpoint.url,
    inspect,
    inspectRaw,

    async info() {
      const [info, version] = await withDeadline('tell about itself', readMs, () =>
        Promise.all([engine.info(), engine.version()]),
      );
      return {
        daemonId: String(info.ID),
        version: version.Version,
        apiVersion: version.ApiVersion,
        rootDir: String(info.DockerRootDir),
        time: String(info.SystemTime),
      };
    },

    async list() {
      const all = await withDeadline('list containers', readMs, (abortSignal) =>
        engine.listContainers({ all: true, abortSignal }),
      );
      return all.map((one) => ({
        id: one.Id,
        // Legacy links add names of the form /other/alias.
        name: (one.Names.find((name) => name.lastIndexOf('/') === 0) ?? one.Names[0] ?? one.Id).replace(/^\//, ''),
        labels: one.Labels ?? {},
        state: one.State,
      }));
    },

    top: (id) =>
      withDeadline(`list processes of ${short(id)}`, readMs, (abortSignal) => container(id).top({ abortSignal })),

    changes: (id) =>
      withDeadline(`tell changed files of ${short(id)}`, readMs, (abortSignal) =>
        container(id).changes({ abortSignal }),
      ),

    pause: (id) =>
      change(
        'pause',
        id,
        changeMs,
        (abortSignal) => container(id).pause({ abortSignal }),
        (now) => now?.state === 'paused',
      ),

    unpause: (id) =>
      change(
        'unpause',
        id,
        changeMs,
        (abortSignal) => container(id).unpause({ abortSignal }),
        (now) => now !== undefined && now.state !== 'paused',
      ),

    start: (id) =>
      change(
        'start',
        id,
        startMs,
        (abortSignal) => container(id).start({ abortSignal }),
        (now) => now?.state === 'running',
      ),

    stop: (id, graceS) =>
      change(
        'stop',
        id,
        graceS * 1_000 + changeMs,
        (abortSignal) => container(id).stop({ t: graceS, abortSignal }),
        (now) => !lives(now),
      ),

    kill: (id) =>
      change(
        'kill',
        id,
        changeMs,
        (abortSignal) => container(id).kill({ signal: 'SIGKILL', abortSignal }),
        (now) => !lives(now),
      ),

    async setRestartPolicy(id, policy) {
      const wanted = { Name: policy.name, MaximumRetryCount: policy.maximumRetryCount };
      await withDeadline(`set the restart policy of ${short(id)}`, changeMs, (abortSignal) =>
        container(id).update({ RestartPolicy: wanted, abortSignal }),
      );
    },

    async limits(id) {
      const raw = await orNone(404, inspectRaw(id));
      return raw === undefined ? undefined : limitsOf(raw, await machine());
    },

    async setLimits(id, limits) {
      const update = updateFor(await inspectRaw(id), limits, await machine());
      await withDeadline(`limit ${short(id)}`, changeMs, (abortSignal) =>
        container(id).update(withSignal(update, abortSignal)),
      );
    },

    disconnect: (networkId, containerId) =>
      change(
        `disconnect from ${short(networkId)}`,
        containerId,
        changeMs,
        (abortSignal) => engine.getNetwork(networkId).disconnect({ Container: containerId, Force: true, abortSignal }),
        (now) => now === undefined || !now.networkIds.includes(networkId),
      ),

    connect: (networkId, containerId, aliases, addresses) =>
      change(
        `connect to ${short(networkId)}`,
        containerId,
        changeMs,
        (abortSignal) =>
          engine
            .getNetwork(networkId)
            .connect(
              withSignal({ Container: containerId, EndpointConfig: endpointOf(aliases, addresses) }, abortSignal),
            ),
        (now) => now?.networkIds.includes(networkId) === true,
      ),

    async *logs(id, options) {
      const facts = await inspect(id);
      if (facts === undefined) throw gone(id);
      yield* containerLogs(engine, id, facts.tty, options);
    },

    async stats(id) {
      const raw = await withDeadline(`measure ${short(id)}`, readMs, (abortSignal) => {
        return container(id).stats(withSignal({ stream: false as const }, abortSignal));
      });
      return containerStats(raw);
    },

    async commit(id, repository, tag) {
      const made: unknown = await withDeadline(`commit ${short(id)}`, commitMs, (abortSignal) =>
        container(id).commit({ repo: repository, tag, abortSignal }),
      );
      if (typeof made === 'object' && made !== null && 'Id' in made && typeof made.Id === 'string') return made.Id;
      throw new ActFailure('docker-refused', `Docker named no image after the commit of ${short(id)}.`);
    },

    ...imageCalls(engine, readMs),

    async volumePath(name) {
      const volume = withDeadline(`look up volume ${name}`, readMs, (abortSignal) =>
        engine.getVolume(name).inspect({ abortSignal }),
      );
      return (await orNone(404, volume))?.Mountpoint;
    },

    ...dockerMaking(engine),
    archive: (id, path) => containerArchive(engine, id, path),
    events: (options) => engineEvents(engine, options),
  };
}

/**
 * The client prints its options before each call, hidden parts and all, whether anybody listens or not. In a worker an
 * agent leads from its open sockets to everything there is: seconds of work per call, in which no other call is answered.
 */
function plainAgent(): Agent {
  return Object.assign(new Agent({ keepAlive: false }), { [inspect.custom]: () => 'Agent' });
}

/** Has processes: a paused one does nothing but holds its memory, ports and files. */
function lives(facts: ContainerFacts | undefined): boolean {
  return facts !== undefined && ['running', 'paused', 'restarting'].includes(facts.state);
}

function short(id: string): string {
  return id.slice(0, 12);
}

function gone(id: string): ActFailure {
  return new ActFailure('docker-refused', `There is no container ${short(id)}.`, { data: { statusCode: 404 } });
}
