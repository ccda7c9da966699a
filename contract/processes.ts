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

/** Where all of these exist, an init system starts our processes after a reboot (design §6). */
export const supervisedBy: readonly string[] = [
  '/run/systemd/system',
  '/etc/systemd/system/durable-rollback-server.service',
];
