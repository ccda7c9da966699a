import type { Readable } from 'node:stream';
import type { Versions } from '../../vault/versions-file.ts';

/** What acts see of the world, as small interfaces; workers/ wires the real ones, tests may wire others. */

export interface ContainerFacts {
  readonly id: string;
  readonly name: string;
  /** Image id, not a tag. */
  readonly image: string;
  readonly imageReference: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead' | 'removing';
  readonly pid: number;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly error: string;
  readonly createdAt: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly restartCount: number;
  readonly restartPolicy: { readonly name: string; readonly maximumRetryCount: number };
  readonly autoRemove: boolean;
  readonly health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  readonly mounts: readonly {
    readonly type: string;
    readonly source: string;
    readonly destination: string;
    readonly name: string | null;
    readonly writable: boolean;
  }[];
  readonly networks: readonly string[];
  readonly networkIds: readonly string[];
  /** Grace of a stop in seconds; null where the engine's default (10 s) applies. */
  readonly stopTimeoutS: number | null;
  readonly logDriver: string;
  readonly tty: boolean;
}

export interface ContainerStats {
  readonly memoryBytes: number;
  readonly cpuPercent: number;
  readonly pids: number;
}

/** What a container may use. */
export interface ContainerLimits {
  /** null: all CPUs. */
  readonly cpus: number | null;
  /** null: all memory. */
  readonly memoryBytes: number | null;
  /** Memory and swap together as the engine has it: -1 without a limit, 0 where nothing was said. */
  readonly memorySwap: number;
}

export interface LogChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Buffer;
}

export interface EngineEvent {
  readonly type: string;
  readonly action: string;
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly timeNano: string;
}

/** What `undo` needs beside: a container made again from what was captured of it, in place of another. */
export interface DockerMaking {
  /** @param body as the engine's API has it @returns the new id */
  create(name: string, body: object): Promise<string>;
  /** Removes a stopped container; its volumes stay. */
  remove(id: string): Promise<'done' | 'already'>;
  /** Unpacks a tar file into a folder of a container that does not run. */
  putArchive(id: string, folder: string, file: string): Promise<void>;
}

/** The engine's API, by container id. Every call has a deadline; repeated calls say `already`. Errors are failures of `kernel/failures.ts`. */
export interface Docker extends DockerMaking {
  /** Where this engine was reached: the one endpoint also given to compose. */
  readonly endpoint: string;
  info(): Promise<{
    readonly daemonId: string;
    readonly version: string;
    readonly apiVersion: string;
    readonly rootDir: string;
    /** ISO instant on the engine's own clock. */
    readonly time: string;
  }>;
  list(): Promise<
    readonly {
      readonly id: string;
      readonly name: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly state: string;
    }[]
  >;
  /** undefined when there is no such container. */
  inspect(id: string): Promise<ContainerFacts | undefined>;
  inspectRaw(id: string): Promise<unknown>;
  top(id: string): Promise<unknown>;
  /** Files the container changed in its own layer. */
  changes(id: string): Promise<unknown>;
  pause(id: string): Promise<'done' | 'already'>;
  unpause(id: string): Promise<'done' | 'already'>;
  start(id: string): Promise<'done' | 'already'>;
  /** @param graceS seconds until SIGKILL */
  stop(id: string, graceS: number): Promise<'done' | 'already'>;
  kill(id: string): Promise<'done' | 'already'>;
  setRestartPolicy(id: string, policy: { readonly name: string; readonly maximumRetryCount: number }): Promise<void>;
  /** undefined when there is no such container. */
  limits(id: string): Promise<ContainerLimits | undefined>;
  /** Updates a container in place, running or not. */
  setLimits(id: string, limits: ContainerLimits): Promise<void>;
  disconnect(networkId: string, containerId: string): Promise<'done' | 'already'>;
  /** @param addresses what the engine calls IPAMConfig: fixed addresses of the container in that network */
  connect(
    networkId: string,
    containerId: string,
    aliases: readonly string[],
    addresses?: unknown,
  ): Promise<'done' | 'already'>;
  /** Demultiplexed, with the engine's timestamps; iterates with back-pressure. */
  logs(
    id: string,
    options: {
      readonly since?: string;
      readonly until?: string;
      readonly tail?: number;
      readonly signal?: AbortSignal;
    },
  ): AsyncIterable<LogChunk>;
  /** One sample with CPU delta; undefined for a container that does not run. */
  stats(id: string): Promise<ContainerStats | undefined>;
  commit(id: string, repository: string, tag: string): Promise<string>;
  imageId(reference: string): Promise<string | undefined>;
  tag(imageId: string, repository: string, tag: string): Promise<void>;
  /** Takes one name away; `in-use` when it is the last one of an image that a container uses: then it stays. */
  untag(reference: string): Promise<'done' | 'already' | 'in-use'>;
  volumePath(name: string): Promise<string | undefined>;
  /** Tar stream of a path inside a container (works on stopped ones). */
  archive(id: string, path: string): Promise<Readable>;
  events(options: {
    readonly since?: string;
    readonly until?: string;
    readonly signal?: AbortSignal;
  }): AsyncIterable<EngineEvent>;
}

export interface ComposeStack {
  readonly project: string;
  readonly directory: string;
  readonly files: readonly string[];
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
}

/** Compose, v1 or today's: only for what needs interpolation and service definitions. Tables are never parsed. */
export interface Compose {
  version(): Promise<{ readonly major: 1 | 2; readonly text: string }>;
  /** Effective configuration as parsed YAML. */
  config(
    stack: ComposeStack,
    marker: string,
  ): Promise<{
    readonly text: string;
    readonly services: Readonly<Record<string, { readonly image?: string; readonly containerName?: string }>>;
  }>;
  /** `up -d --no-build --no-deps <services>` with images pinned by id in an override file; never removes orphans or volumes. */
  up(
    stack: ComposeStack,
    options: {
      readonly services: readonly string[];
      readonly images: Readonly<Record<string, string>>;
      readonly overrideFile: string;
      readonly marker: string;
      readonly keepExisting?: boolean;
      readonly signal?: AbortSignal;
    },
  ): Promise<{ readonly exitCode: number; readonly output: string }>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Decoded text, cut at the size cap. */
  readonly body: string;
  readonly truncated: boolean;
  readonly elapsedMs: number;
}

export interface Http {
  /** @throws a failure of kind `no-answer` (refused, reset, deadline) — never hangs. */
  ask(request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly timeoutMs: number;
    readonly maxBytes: number;
    readonly signal?: AbortSignal;
  }): Promise<HttpAnswer>;
}

export interface CommandResult {
  /** 127 when the file is missing: a failed check, not a skipped one. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  /** Interleaved, cut at the cap. */
  readonly output: string;
  /** What came on the standard output alone, cut at the cap. */
  readonly stdout: string;
  readonly elapsedMs: number;
}

export interface Commands {
  /** Runs argv without a shell, in its own process group, as the given owner; killed whole on abort or timeout. `marker` is set as ROLLBACK_FENCE for it and its children. */
  run(command: {
    readonly argv: readonly string[];
    readonly cwd: string;
    readonly environment?: Readonly<Record<string, string>>;
    readonly owner?: { readonly uid: number; readonly gid: number };
    readonly timeoutMs: number;
    readonly maxOutputBytes: number;
    readonly marker: string;
    readonly signal?: AbortSignal;
    readonly input?: string;
  }): Promise<CommandResult>;
}

/** The real world, or a test's. */
export interface World {
  readonly docker: Docker;
  readonly compose: Compose;
  readonly http: Http;
  readonly commands: Commands;
  readonly stateRoot: string;
  /** Temporal server and namespace in words, for whoever finds the lock. */
  readonly server: string;
  /** With what this worker works; a rollback that begins here notes it. */
  readonly versions?: Versions;
  /** Environment variables secrets are read from. */
  readonly secrets: Readonly<Record<string, string | undefined>>;
  now(): number;
}
