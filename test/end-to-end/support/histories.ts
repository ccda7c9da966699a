import { Client, Connection, type WorkflowExecutionDescription } from '@temporalio/client';
import { type Board, boardKey } from '../../../contract/board.ts';
import { rollbackWorkflowId } from '../../../contract/ids.ts';
import { readServerInfo } from '../../../workers/embedded-server.ts';
import type { Practice } from './practice.ts';

/** What one workflow execution has left on the server. */
export interface HistorySize {
  readonly workflowId: string;
  readonly events: number;
  readonly bytes: number;
}

/** Sizes of the histories of a rollback and of all its phases, as the embedded server tells them. */
export async function historiesOf({ lab, environment }: Practice): Promise<readonly HistorySize[]> {
  const server = readServerInfo(lab.stateDir);
  if (server === undefined) throw new Error('The practice system has no server.');
  const connection = await Connection.connect({ address: server.address });
  try {
    const { workflow } = new Client({ connection, namespace: server.namespace });
    const rollback = await workflow.getHandle(rollbackWorkflowId(environment)).describe();
    const board = rollback.memo?.[boardKey] as Pick<Board, 'children'> | undefined;
    const phases = await Promise.all((board?.children ?? []).map((child) => workflow.getHandle(child).describe()));
    return [rollback, ...phases].map(sizeOf);
  } finally {
    await connection.close();
  }
}

function sizeOf({ workflowId, historyLength, historySize }: WorkflowExecutionDescription): HistorySize {
  return { workflowId, events: historyLength, bytes: historySize ?? Number.POSITIVE_INFINITY };
}
