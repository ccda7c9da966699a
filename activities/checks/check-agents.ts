import type { ActBody } from '../kernel/room.ts';
import { examineAgents } from './examine-agents.ts';
import { outcomeOf } from './outcome-of.ts';

/** Runbook 3.1 "Check agent coordination". */
export const checkAgents: ActBody = async (room) => {
  const seen = await examineAgents(room);
  if (!seen.declared)
    return { outcome: 'skipped', reason: 'The target names neither agent status script nor session locks.' };
  return {
    outcome: outcomeOf[seen.status],
    reason: seen.reason,
    figures: { lockFiles: seen.lockFiles, badLockFiles: seen.badLockFiles },
    files: seen.files,
  };
};
