import { z } from 'zod';
import type { ContainerStats } from '../kernel/world.ts';

const count = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);
const cpu = z.object({ cpu_usage: z.object({ total_usage: count }), system_cpu_usage: count, online_cpus: count });

const sample = z.object({
  cpu_stats: cpu,
  precpu_stats: cpu,
  memory_stats: z.object({ usage: count, stats: z.record(z.string(), z.number()).nullish() }),
  pids_stats: z.object({ current: count }).nullish(),
});

/**
 * Numbers as `docker stats` shows them: CPU is the container's share of the system's delta times the CPUs online,
 * memory without the page cache that could be dropped (facts).
 * @returns undefined for a container that does not run: the engine answers with zeros, which would meet every target
 */
export function containerStats(raw: unknown): ContainerStats | undefined {
  const { cpu_stats: now, precpu_stats: before, memory_stats: memory, pids_stats: pids } = sample.parse(raw);
  if (memory.usage === 0 && now.cpu_usage.total_usage === 0) return undefined;
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const all = now.system_cpu_usage - before.system_cpu_usage;
  // cgroup v1 calls it total_inactive_file, v2 inactive_file.
  const cache = memory.stats?.['total_inactive_file'] ?? memory.stats?.['inactive_file'] ?? 0;
  return {
    memoryBytes: Math.max(0, memory.usage - cache),
    cpuPercent: all > 0 && used > 0 ? (used / all) * Math.max(1, now.online_cpus) * 100 : 0,
    pids: pids?.current ?? 0,
  };
}
