import type { FileRef } from '../../contract/step.ts';
import type { Room } from '../kernel/room.ts';
import { readLockFiles } from './read-lock-files.ts';
import { runTargetScript } from './run-target-script.ts';

export interface AgentsSeen {
  readonly status: 'pass' | 'fail' | 'unknown';
  readonly reason: string;
  /** What the script alone says. */
  readonly script: 'pass' | 'fail' | 'unknown';
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
  const script = run === null ? 'unknown' : run.good ? 'pass' : 'fail';
  const scriptSaid = run === null ? 'the target names no agent status script' : run.said;
  const lockText = `${locks.count} session locks, ${locks.bad} of them unusable`;
  const which = locks.problems.length > 0 ? ` (${locks.problems.slice(0, 3).join('; ')})` : '';
  return {
    status: script === 'fail' || locks.bad > 0 ? 'fail' : script,
    reason: `${scriptSaid}; ${lockText}${which}`,
    script,
    scriptSaid,
    lockFiles: locks.count,
    badLockFiles: locks.bad,
    files: run === null ? [] : [run.file],
  };
}
