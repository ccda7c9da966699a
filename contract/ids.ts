/** Names under which things are found in Temporal: workflow ids, task queues, signal names. Written once, here. */

/** The one address of a rollback: one per environment, so that a second start meets the first. */
export function rollbackWorkflowId(environment: string): string {
  return `rollback/${environment}`;
}

/** What stands in the id of a child, where it is not the name of its type. */
export const childNames: Readonly<Record<string, string>> = { partialRollback: 'partial' };

/** Children carry their number, so that a phase planned anew gets an id of its own. */
export function childWorkflowId(rollbackId: string, child: string, n: number): string {
  return `${rollbackId}/${childNames[child] ?? child}/${n}`;
}

export function checkpointWorkflowId(environment: string, checkpointId: string): string {
  return `checkpoint/${environment}/${checkpointId}`;
}

export function pruneWorkflowId(environment: string, pruneId: string): string {
  return `prune/${environment}/${pruneId}`;
}

/** One undo of a rollback at a time: a second start meets the first. */
export function undoWorkflowId(environment: string, rollbackId: string): string {
  return `undo/${environment}/${rollbackId}`;
}

export function upkeepWorkflowId(environment: string, upkeepId: string): string {
  return `upkeep/${environment}/${upkeepId}`;
}

/** The undo of a rollback has a lock, a journal and a place for moved-aside files under a name of its own. */
export function undoIdOf(rollbackId: string): string {
  return `${undoPrefix}${rollbackId}`;
}

/** The rollback that an undo takes back. */
export function undoneBy(undoId: string): string {
  return undoId.startsWith(undoPrefix) ? undoId.slice(undoPrefix.length) : undoId;
}

const undoPrefix = 'undo-';

export function observeWorkflowId(environment: string, requestId: string): string {
  return `observe/${environment}/${requestId}`;
}

/** One notice to people outside; it outlives the rollback. */
export function noticeWorkflowId(rollbackId: string, n: string): string {
  return `${rollbackId}/notice/${n}`;
}

/** One way up the ladder of contacts. */
export function escalationWorkflowId(rollbackId: string, n: string): string {
  return `${rollbackId}/escalation/${n}`;
}

/** One queue per host and environment: acts run where the containers and files are (design §3). */
export function taskQueueOf(environment: string, host: string): string {
  return `durable-rollback/${host}/${environment}`;
}

/** Namespace of the embedded server and default for configured ones. */
export const defaultNamespace = 'durable-rollback';

/**
 * `<environment>-<UTC>-<4 chars>`, made by the client once and kept across resume (design §3).
 * @param now milliseconds since the epoch, given by the caller
 * @param salt at least four characters of [a-z0-9]
 */
export function makeRollbackId(environment: string, now: number, salt: string): string {
  const utc = new Date(now)
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'Z')
    .toLowerCase();
  return `${environment}-${utc}-${salt.slice(0, 4)}`;
}

export const signalNames = {
  acknowledge: 'acknowledge',
  answer: 'answer',
  cancel: 'cancel',
  emergency: 'emergency',
  over: 'over',
  pause: 'pause',
  raise: 'raise',
  resume: 'resume',
  scope: 'scope',
  stopAtSafePoint: 'stop-at-safe-point',
} as const;

export const workflowTypes = {
  rollback: 'rollback',
  immediateResponse: 'immediateResponse',
  dataRecovery: 'dataRecovery',
  systemValidation: 'systemValidation',
  documentation: 'documentation',
  emergencyRollback: 'emergencyRollback',
  partialRollback: 'partialRollback',
  checkpoint: 'checkpoint',
  observe: 'observe',
  notice: 'notice',
  escalation: 'escalation',
  prune: 'prune',
  undo: 'undo',
  upkeep: 'upkeep',
} as const;

/** Failure type of a step given back because its worker was asked to stop. */
export const workerStopped = 'worker-stopped';
