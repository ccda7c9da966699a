import { z } from 'zod';
import type { ContainerLimits } from '../kernel/world.ts';

const number = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);

const inspected = z.object({
  HostConfig: z.object({ NanoCpus: number, CpuQuota: number, CpuPeriod: number, Memory: number, MemorySwap: number }),
});

export interface Machine {
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** What one update sends, in the engine's own words. */
export type LimitUpdate = Readonly<
  Partial<Record<'NanoCpus' | 'CpuQuota' | 'CpuPeriod' | 'Memory' | 'MemorySwap', number>>
>;

const defaultPeriod = 100_000;

/** @param raw the engine's answer to inspect */
export function limitsOf(raw: unknown, machine: Machine): ContainerLimits {
  const {
    NanoCpus: nano,
    CpuQuota: quota,
    CpuPeriod: period,
    Memory: memory,
    MemorySwap,
  } = inspected.parse(raw).HostConfig;
  const cpus = nano > 0 ? nano / 1e9 : quota > 0 ? quota / (period || defaultPeriod) : null;
  // A limit of all there is, is none: this is how one is given back.
  return { cpus, memoryBytes: memory > 0 && memory < machine.memoryBytes ? memory : null, memorySwap: MemorySwap };
}

/**
 * The engine (measured on 20.10) refuses to mix its two ways of limiting CPU, takes a CPU limit away only as a quota of
 * -1, and has no word for "no memory limit": all memory of the machine is the same.
 */
export function updateFor(raw: unknown, limits: ContainerLimits, machine: Machine): LimitUpdate {
  const now = inspected.parse(raw).HostConfig;
  const before = limitsOf(raw, machine);
  return {
    ...(before.cpus === limits.cpus ? {} : cpuUpdate(now, limits.cpus ?? undefined, machine)),
    ...(before.memoryBytes === limits.memoryBytes ? {} : memoryUpdate(limits, machine)),
  };
}

function cpuUpdate(now: { readonly NanoCpus: number }, cpus: number | undefined, machine: Machine): LimitUpdate {
  if (now.NanoCpus > 0) return { NanoCpus: Math.round((cpus ?? machine.cpus) * 1e9) };
  return { CpuPeriod: defaultPeriod, CpuQuota: cpus === undefined ? -1 : Math.round(cpus * defaultPeriod) };
}

function memoryUpdate({ memoryBytes, memorySwap }: ContainerLimits, machine: Machine): LimitUpdate {
  if (memoryBytes === null) return { Memory: machine.memoryBytes, MemorySwap: 2 * machine.memoryBytes };
  return { Memory: memoryBytes, MemorySwap: memorySwap === 0 ? 2 * memoryBytes : memorySwap };
}
