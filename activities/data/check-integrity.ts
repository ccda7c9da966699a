import type { Findings, RootFinding } from '../../contract/records.ts';
import { summaryOf } from '../git/read-repository.ts';
import { readCheckpoint, writeRecord } from '../kernel/records.ts';
import type { ActBody } from '../kernel/room.ts';
import { examineRepository } from './examine-repository.ts';
import { examineRoot } from './examine-root.ts';
import { findDrift } from './find-drift.ts';

/**
 * Runbook 2.1 "Data Integrity Check": every data root, the repository and the stable containers against the checkpoint.
 * It judges and changes nothing; what goes back is decided by `planRecovery` from the findings it leaves.
 */
export const checkIntegrity: ActBody = async (room) => {
  const checkpoint = readCheckpoint(room);
  const repository = await examineRepository(room, checkpoint);
  const roots: RootFinding[] = [];
  for (const root of room.target.data) roots.push(await examineRoot(room, root, checkpoint));
  const findings: Findings = {
    format: 1,
    at: new Date(room.world.now()).toISOString(),
    checkpoint: repository.checkpoint,
    git: gitOfFindings(repository),
    roots,
    stableDrift: await findDrift(room, checkpoint),
  };
  const { file } = writeRecord(room, 'findings', findings);
  return {
    outcome: 'done',
    reason: told(findings),
    figures: {
      roots: roots.length,
      corrupt: countOf(roots, 'corrupt'),
      unknown: countOf(roots, 'unknown'),
      gitDiffering: findings.git.differing,
      drift: findings.stableDrift.length,
    },
    files: [file],
  };
};

function gitOfFindings({ state, refusals }: Awaited<ReturnType<typeof examineRepository>>): Findings['git'] {
  if (state === null) {
    const none = { head: '', branch: null, operation: null, differing: 0, untrackedBlocking: 0, sample: [] };
    return { ...none, refusals };
  }
  const { differing, untrackedBlocking, sample } = summaryOf(state);
  const { head, branch, operation } = state;
  return { head, branch, operation, differing, untrackedBlocking, sample, refusals };
}

function told({ roots, git, stableDrift, checkpoint }: Findings): string {
  const against = checkpoint.id === null ? `${checkpoint.ref}, of which no data are recorded` : checkpoint.id;
  const judged = roots.map(({ root, integrity, changes }) => {
    const changed = changes === null ? 0 : changes.differing + changes.missing + changes.extra;
    return `${root} ${integrity}${changed === 0 ? '' : ` (${changed} changed)`}`;
  });
  const drift = stableDrift.length === 0 ? '' : `; stable: ${stableDrift.map(({ reason }) => reason).join(', ')}`;
  return `Against ${against}: ${judged.join(', ')}; ${git.differing} path(s) differ outside the data${drift}.`;
}

function countOf(roots: readonly RootFinding[], integrity: RootFinding['integrity']): number {
  return roots.filter((root) => root.integrity === integrity).length;
}
