import type { Connected } from './connect.ts';
import type { Place } from './environment.ts';
import { ClientFailure } from './failures.ts';
import { isAlive, readWorkerFile } from './process-files.ts';

/** A poll lasts up to a minute; whoever was not seen for longer polls no more. */
const freshMs = 75_000;

/** Workflow task queue in the server's own numbering. */
const workflowQueue = 1;

/**
 * Whether a worker takes this environment's work. The server remembers pollers for minutes after their death, so for
 * an embedded worker its process decides.
 */
export async function somebodyPolls(connected: Connected, place: Place, now = Date.now()): Promise<boolean> {
  if (connected.embedded) {
    const worker = readWorkerFile(place.stateRoot, place.environment);
    const alive = worker === undefined ? false : isAlive(worker);
    if (alive !== undefined) return alive;
  }
  const { pollers } = await connected.client.workflowService.describeTaskQueue({
    namespace: connected.namespace,
    taskQueue: { name: connected.taskQueue },
    taskQueueType: workflowQueue,
  });
  return (pollers ?? []).some(({ lastAccessTime }) => now - Number(lastAccessTime?.seconds ?? 0) * 1000 < freshMs);
}

/** @throws ClientFailure `no-worker`, before anything is started that nobody would carry out */
export async function requireWorker(connected: Connected, place: Place): Promise<void> {
  if (await somebodyPolls(connected, place)) return;
  throw new ClientFailure(
    'no-worker',
    `No worker takes the work of ${place.environment} (queue ${connected.taskQueue} at ${connected.address}); nothing was started.`,
    { next: [`On the host of the target: rollback up --environment ${place.environment}`] },
  );
}
