import { join } from 'node:path';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { type Board, boardKey } from '../contract/board.ts';
import { rollbackWorkflowId } from '../contract/ids.ts';
import { environmentLayout } from '../vault/layout.ts';
import { readVersions, versionsName } from '../vault/versions-file.ts';
import type { OpenRollback } from './choose-bundle.ts';
import { lastVersionsPath } from './kept-bundles.ts';

/**
 * The rollback of an environment that is under way on the server. One whose first task nobody has carried out yet has
 * no board: whatever code carries that out is the code that it begins with.
 */
export async function openRollbackOf(
  client: Client,
  stateRoot: string,
  environment: string,
): Promise<OpenRollback | undefined> {
  const board = await runningBoard(client, environment);
  if (board === undefined) return undefined;
  const { rollbackId } = board;
  const own = join(environmentLayout(stateRoot, environment).rollback(rollbackId).dir, versionsName);
  return { rollbackId, versions: readVersions(own) ?? readVersions(lastVersionsPath(stateRoot, environment)) };
}

async function runningBoard(client: Client, environment: string): Promise<Board | undefined> {
  try {
    const { status, memo } = await client.workflow.getHandle(rollbackWorkflowId(environment)).describe();
    return status.name === 'RUNNING' ? (memo?.[boardKey] as Board | undefined) : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
