import type { Connected } from './connect.ts';
import type { Place } from './environment.ts';
import { ClientFailure } from './failures.ts';
import { isAlive, readWorkerFile } from './process-files.ts';

/** A poll lasts up to a minute; whoever was not seen for longer polls no more. */
const freshMs = 75_000;

/** Workflow task queue in the server's own numbering. */
const workflowQueue = 1;

/** gRPC status code of a namespace that the server does not have. */
const notFound = 5;

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
  const pollers = await pollersOf(connected);
  return pollers.some(({ lastAccessTime }) => now - Number(lastAccessTime?.seconds ?? 0) * 1000 < freshMs);
}

/** A server that is meant for something else has not even our namespace: nobody polls there. */
async function pollersOf({ client, namespace, taskQueue }: Connected) {
  try {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: workflowQueue,
    });
    return pollers ?? [];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === notFound) return [];
    throw error;
  }
}

/** @throws ClientFailure `no-worker`, before anything is started that nobody would carry out */
export async function requireWorker(connected: Connected, place: Place): Promise<void> {
  if (await somebodyPolls(connected, place)) return;
  throw new ClientFailure(
    'no-worker',
    `No worker takes the work of ${place.environment} (queue ${connected.taskQueue} at ${connected.address}, namespace ${connected.namespace}); nothing was started.`,
    {
      next: [
        `On the host of the target: rollback up --environment ${place.environment}`,
        ...(connected.embedded ? [] : [strayServer]),
      ],
    },
  );
}

/** The lock of the host is the same for every server: falling back cannot make two rollbacks of one system. */
const strayServer =
  'If TEMPORAL_ADDRESS or the profile is meant for something else: the same command with --embedded uses a server and ' +
  'a worker of its own on this host. A rollback that runs on the other server keeps this one out all the same.';
