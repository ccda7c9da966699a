import { z } from 'zod';
import type { ContainerFacts } from '../kernel/world.ts';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const number = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);

/** What we read of the engine's answer to inspect; the rest is not our business. Field names are the engine's. */
const inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  Created: text,
  RestartCount: number,
  State: z.object({
    Status: z.enum(['created', 'running', 'paused', 'restarting', 'exited', 'dead', 'removing']),
    Pid: number,
    ExitCode: number,
    OOMKilled: z.boolean().nullish(),
    Error: text,
    StartedAt: text,
    FinishedAt: text,
    Health: z.object({ Status: z.enum(['none', 'starting', 'healthy', 'unhealthy']) }).nullish(),
  }),
  Config: z.object({
    Image: text,
    Labels: z.record(z.string(), z.string()).nullish(),
    StopTimeout: z.number().nullish(),
    Tty: z.boolean().nullish(),
  }),
  HostConfig: z.object({
    RestartPolicy: z.object({ Name: text, MaximumRetryCount: number }).nullish(),
    AutoRemove: z.boolean().nullish(),
    LogConfig: z.object({ Type: text }).nullish(),
  }),
  Mounts: z
    .array(z.object({ Type: text, Source: text, Destination: text, Name: text, RW: z.boolean().nullish() }))
    .nullish(),
  NetworkSettings: z
    .object({ Networks: z.record(z.string(), z.object({ NetworkID: text }).nullish()).nullish() })
    .nullish(),
});

/**
 * The engine's inspect as facts.
 * @throws ZodError when the answer is not a container's
 */
export function containerFacts(raw: unknown): ContainerFacts {
  const { State: state, Config: config, HostConfig: host, ...container } = inspected.parse(raw);
  return {
    id: container.Id,
    name: container.Name.replace(/^\//, ''),
    image: container.Image,
    imageReference: config.Image,
    labels: config.Labels ?? {},
    state: state.Status,
    pid: state.Pid,
    exitCode: state.ExitCode,
    oomKilled: state.OOMKilled ?? false,
    error: state.Error,
    createdAt: container.Created,
    startedAt: state.StartedAt,
    finishedAt: state.FinishedAt,
    restartCount: container.RestartCount,
    // A container made without a policy has an empty name: the engine means `no`.
    restartPolicy: {
      name: host.RestartPolicy?.Name || 'no',
      maximumRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    autoRemove: host.AutoRemove ?? false,
    health: state.Health?.Status ?? 'none',
    mounts: (container.Mounts ?? []).map((mount) => ({
      type: mount.Type,
      source: mount.Source,
      destination: mount.Destination,
      name: mount.Name || null,
      writable: mount.RW ?? true,
    })),
    networks: Object.keys(container.NetworkSettings?.Networks ?? {}),
    // A container that never ran knows its networks by name only.
    networkIds: Object.entries(container.NetworkSettings?.Networks ?? {}).map(([name, one]) => one?.NetworkID || name),
    stopTimeoutS: config.StopTimeout ?? null,
    logDriver: host.LogConfig?.Type ?? '',
    tty: config.Tty ?? false,
  };
}
