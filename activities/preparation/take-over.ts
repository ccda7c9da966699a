import type { Opened } from '../../contract/rollback.ts';
import type { StepInput } from '../../contract/step.ts';
import { livingFences, raiseEpoch } from '../../vault/epoch.ts';
import { openJournal } from '../../vault/journal.ts';
import { environmentLayout } from '../../vault/layout.ts';
import { endChildrenMarked, endOlderProcess } from '../../vault/processes.ts';
import { abortAttempts } from '../kernel/act.ts';
import { requireSamePlace } from '../kernel/identity.ts';
import type { World } from '../kernel/world.ts';

/**
 * The emergency path takes a running rollback over: from the higher epoch on no older attempt changes anything; older
 * workers and children that still live are ended, so that nothing of them is half-way through a call.
 */
export async function takeOver(world: World, input: StepInput): Promise<Opened> {
  const layout = environmentLayout(world.stateRoot, input.environment);
  const files = layout.rollback(input.rollbackId);
  await requireSamePlace(world, files);
  const at = new Date(world.now()).toISOString();
  const epoch = raiseEpoch(layout, { rollbackId: input.rollbackId, why: 'emergency takes over', at });
  abortAttempts(world.stateRoot, input.environment, input.key);
  const processes: string[] = [];
  for (const fence of livingFences(layout)) {
    if (fence.epoch < epoch) processes.push(await endOlderProcess(fence));
  }
  const children = await endChildrenMarked(`${input.environment}/${input.rollbackId}/`);
  const journal = openJournal(files.journal);
  try {
    journal.append({
      at,
      epoch,
      step: input.key,
      schedule: input.schedule,
      attempt: 1,
      kind: 'note',
      text: 'emergency takes over',
      detail: { endedChildren: children.pids, processes },
    });
  } finally {
    journal.close();
  }
  return {
    outcome: 'done',
    reason: `epoch ${epoch}; ended ${children.pids.length} child processes of older attempts`,
    epoch,
    resumed: false,
    rollbackDir: files.dir,
    figures: { epoch, endedChildren: children.pids.length },
  };
}
