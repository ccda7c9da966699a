import type { FileRef } from '../../contract/step.ts';
import type { Room } from '../kernel/room.ts';
import { readLockFiles } from './read-lock-files.ts';
import { runTargetScript } from './run-target-script.ts';

export interface AgentsSeen {
  /** The target names a script or session locks: without either there is nothing to see. */
  readonly declared: boolean;
  readonly status: 'pass' | 'fail' | 'unknown';
  readonly reason: string;
  /** What the script alone says; null when the target names none. */
  readonly script: 'pass' | 'fail' | 'unknown' | null;
  readonly scriptSaid: string;
  readonly lockFiles: number;
  readonly badLockFiles: number;
  readonly files: readonly FileRef[];
}

/** Runbook 3.1 "Check agent coordination": the script's exit code, and session locks that parse. */
export async function examineAgents(room: Room, folder?: string): Promise<AgentsSeen> {
  const run = await runTargetScript(room, 'agentStatus', folder);
  const { repository, agents } = room.target;
  const locks = readLockFiles(repository.path, agents.lockFiles);
  const script = run === null ? null : run.good ? 'pass' : 'fail';
  const scriptSaid = run === null ? 'the target names no agent status script' : run.said;
  const lockText = `${locks.count} session locks, ${locks.bad} of them unusable`;
  const which = locks.problems.length > 0 ? ` (${locks.problems.slice(0, 3).join('; ')})` : '';
  return {
    declared: run !== null || agents.lockFiles.length > 0,
    // Without a script the locks alone tell, if there is any.
    status: script === 'fail' || locks.bad > 0 ? 'fail' : (script ?? (locks.count > 0 ? 'pass' : 'unknown')),
    reason: `${scriptSaid}; ${lockText}${which}`,
    script,
    scriptSaid,
    lockFiles: locks.count,
    badLockFiles: locks.bad,
    files: run === null ? [] : [run.file],
  };
}
