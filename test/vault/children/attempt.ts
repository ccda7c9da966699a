import { assertFence, claimFence, fenceHere } from '../../../vault/epoch.ts';
import { StaleAttempt } from '../../../vault/errors.ts';
import { type Journal, openJournal } from '../../../vault/journal.ts';
import type { EnvironmentLayout } from '../../../vault/layout.ts';
import { endOlderProcess } from '../../../vault/processes.ts';
import type { RestoreJournal } from '../../../vault/restore-tree.ts';
import { rollbackId } from '../sweep/places.ts';

/** What an operation is given: the same as an activity's room gives to the vault. */
export interface Attempt {
  readonly epoch: number;
  readonly beforeEffect: () => void;
  readonly journal: RestoreJournal;
  readonly notes: Journal;
  close(): void;
}

/**
 * Claims the step as an activity does: the older process ends first, then the journal is opened.
 * @throws StaleAttempt when a newer attempt has the step
 */
export async function openAttempt(
  layout: EnvironmentLayout,
  token: { readonly operation: string; readonly epoch: number; readonly attempt: number },
): Promise<Attempt> {
  const { operation: step, epoch, attempt } = token;
  const fence = fenceHere({ epoch, step, schedule: 1, attempt });
  const claim = claimFence(layout, fence);
  if (claim.kind === 'stale') throw new StaleAttempt({ step, token: String(attempt), newer: JSON.stringify(claim) });
  if (claim.previous !== undefined) await endOlderProcess(claim.previous);
  const journal = openJournal(layout.rollback(rollbackId).journal);
  const who = { epoch, step, schedule: 1, attempt };
  const at = () => new Date().toISOString();
  return {
    epoch,
    beforeEffect: () => assertFence(layout, fence),
    notes: journal,
    journal: {
      intent: (effect) => journal.append({ ...who, at: at(), kind: 'intent', effect, recovery: 'do-again' }),
      confirm: (intent, result, reason) => {
        journal.append({ ...who, at: at(), kind: 'confirm', intent, result, reason });
      },
    },
    close: () => journal.close(),
  };
}
