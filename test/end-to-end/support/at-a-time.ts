/** Runs jobs, so many at the same time; each lane takes the next that is left. */
export async function atATime<T>(
  count: number,
  jobs: readonly T[],
  run: (job: T, index: number) => Promise<void>,
): Promise<void> {
  const left = [...jobs.entries()];
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await run(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: count }, lane));
}
