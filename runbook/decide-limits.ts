/** What a container of the experiment may use, and what it uses now. */
export interface LimitedContainer {
  readonly id: string;
  readonly name: string;
  readonly earlier: LimitValues;
  /** null: it could not be measured. */
  readonly usedMemoryBytes: number | null;
}

export interface LimitValues {
  /** null: no limit. */
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  /** Memory and swap together: -1 without a limit, 0 where nothing was said. */
  readonly memorySwap: number;
}

export interface DecidedLimits {
  readonly limits: readonly {
    readonly id: string;
    readonly name: string;
    readonly earlier: LimitValues;
    readonly wanted: LimitValues;
  }[];
  /** What cannot be limited as wanted, in words. */
  readonly notes: readonly string[];
}

/** Room above what is in use: a limit right at it would have the kernel kill what it should only slow down. */
const headroom = 1.1;

/**
 * Reduced load on the experiment (runbook, "Scenario 2"): limits are only ever lowered, and never below the memory in
 * use, which would be a kill by another name. Pure.
 */
export function decideLimits(
  containers: readonly LimitedContainer[],
  wanted: { readonly cpus: number | null; readonly memoryBytes: number | null },
): DecidedLimits {
  const notes: string[] = [];
  const limits = containers.flatMap(({ id, name, earlier, usedMemoryBytes }) => {
    const cpus = lower(earlier.cpus, wanted.cpus);
    const memoryBytes = lower(earlier.memoryBytes, wanted.memoryBytes);
    const lowersMemory = memoryBytes !== earlier.memoryBytes && memoryBytes !== null;
    const tooLow = lowersMemory && usedMemoryBytes !== null && usedMemoryBytes * headroom > memoryBytes;
    if (tooLow) notes.push(`${name} uses ${usedMemoryBytes} bytes of memory: a limit of ${memoryBytes} would kill it`);
    const memory =
      lowersMemory && !tooLow
        ? { memoryBytes, memorySwap: 2 * memoryBytes }
        : { memoryBytes: earlier.memoryBytes, memorySwap: earlier.memorySwap };
    const decided = { cpus, ...memory };
    const changes = decided.cpus !== earlier.cpus || decided.memoryBytes !== earlier.memoryBytes;
    return changes ? [{ id, name, earlier, wanted: decided }] : [];
  });
  return { limits, notes };
}

/** null is no limit, the highest of all. */
function lower(earlier: number | null, wanted: number | null): number | null {
  if (wanted === null) return earlier;
  return earlier === null ? wanted : Math.min(earlier, wanted);
}
