import Docker from 'dockerode';

/** The lab's own access to the engine. Every call has a deadline: a hung daemon must not hang a test. */
export function labDocker(dockerHost: string | undefined): Docker {
  const timeout = 60_000;
  if (dockerHost === undefined) return new Docker({ timeout });
  const url = new URL(dockerHost);
  if (url.protocol === 'unix:') return new Docker({ socketPath: url.pathname, timeout });
  return new Docker({ host: url.hostname, port: url.port === '' ? 2375 : Number(url.port), protocol: 'http', timeout });
}

/** Status of a refused call; undefined when the engine did not answer at all. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** For acts whose wanted end may be there already: 304 as it is, 404 gone, 409 going. */
export async function unless(statuses: readonly number[], act: Promise<unknown>): Promise<void> {
  try {
    await act;
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined || !statuses.includes(status)) throw error;
  }
}
