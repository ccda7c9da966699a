import { setTimeout as wait } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { boardKey } from '../contract/board.ts';
import { isRecord } from './board.ts';
import type { Output } from './output.ts';

const lookMs = 300;

/**
 * Tells each step of a workflow with a table of its own as it begins, and waits for the end.
 * @param titles the table, by the name that stands on the board
 * @throws WorkflowFailedError when the workflow refused
 */
export async function followSteps<R>(
  handle: WorkflowHandle,
  out: Output,
  titles: Readonly<Record<string, { readonly title: string }>>,
): Promise<R> {
  let told: string | undefined;
  for (;;) {
    const { memo, status } = await handle.describe();
    const board = memo?.[boardKey];
    const step = isRecord(board) ? titles[String(board['step'])]?.title : undefined;
    if (step !== undefined && step !== told) out.aside(`${step} …`);
    told = step;
    if (status.name !== 'RUNNING') return (await handle.result()) as R;
    await wait(lookMs);
  }
}
