/** What the embedded server and workers leave in the state root, so that every command finds them. */

/** `<stateRoot>/server/server.json` */
export interface ServerInfo {
  readonly format: 1;
  readonly pid: number;
  /** Start time of that pid as the kernel tells it: a recycled pid is not our server. */
  readonly pidStart: string;
  readonly address: string;
  readonly ui: string | null;
  readonly namespace: string;
  readonly cliVersion: string;
  readonly startedAt: string;
  readonly log: string;
}

/** `<stateRoot>/<environment>/worker.json` */
export interface WorkerInfo {
  readonly format: 1;
  readonly pid: number;
  readonly pidStart: string;
  readonly environment: string;
  readonly taskQueue: string;
  readonly address: string;
  readonly namespace: string;
  readonly bundleHash: string;
  readonly startedAt: string;
  readonly log: string;
}

/** What `workers/main.js up --json` prints. */
export interface UpResult {
  readonly server: { readonly info: ServerInfo | null; readonly action: 'adopted' | 'started' | 'configured' };
  readonly worker: { readonly info: WorkerInfo; readonly action: 'adopted' | 'started' | 'replaced' };
  readonly supervised: boolean;
}

/** What `workers/main.js relieve` prints: what was done on a full disk before anything could be written. */
export interface Relief {
  readonly paused: readonly string[];
  readonly notPaused: readonly { readonly name: string; readonly why: string }[];
  /** Size of the ballast that was given up; 0 when there was none. */
  readonly freedBytes: number;
}

/** Wanted of server and worker when memory runs out: others are ended first; -1000 would mean never. */
export const wantedOomScore = -800;

/** `running` is there only where systemd is process 1 (sd_booted(3)); `units` holds what the host's administrator adds. */
export const systemdPlaces = { running: '/run/systemd/system', units: '/etc/systemd/system' } as const;

/** One embedded server serves all environments of a host. */
export const serverUnit = 'durable-rollback-server.service';

export function workerUnit(environment: string): string {
  return `durable-rollback-worker-${environment}.service`;
}

/** Where all of these exist, systemd starts the embedded processes of an environment after a reboot (design §6). */
export function supervisedBy(environment: string): readonly string[] {
  const { running, units } = systemdPlaces;
  return [running, `${units}/${serverUnit}`, `${units}/${workerUnit(environment)}`];
}
