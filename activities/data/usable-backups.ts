import { type BackupPair, findBackups } from '../../vault/backups.ts';
import type { Room } from '../kernel/room.ts';

type FolderRoot = Exclude<Room['target']['data'][number], { readonly kind: 'dump' }>;

export interface JudgedBackup {
  readonly pair: BackupPair;
  readonly usable: boolean;
  readonly reason: string;
}

/**
 * The backup files of a root with whether each may be restored from (runbook 2.3). An empty one would destroy data, one
 * from before the checkpoint would bring back what was given up long ago (facts: a three-week-old file came back).
 * @param notBefore ISO instant of the recorded checkpoint; null without one
 */
export async function judgeBackups(
  room: Pick<Room, 'signal'>,
  root: FolderRoot,
  where: { readonly path: string; readonly notBefore: string | null },
): Promise<readonly JudgedBackup[]> {
  if (root.backups.length === 0) return [];
  const pairs = await findBackups(where.path, { patterns: root.backups, signal: room.signal });
  return pairs.map((pair) => ({ pair, ...judgeBackup(pair, where.notBefore) }));
}

/** Pure. */
export function judgeBackup(
  pair: Pick<BackupPair, 'zeroByte' | 'changing' | 'backupMtime' | 'originalState' | 'backupSha256'>,
  notBefore: string | null,
): Pick<JudgedBackup, 'usable' | 'reason'> {
  if (pair.zeroByte) return { usable: false, reason: 'it is empty' };
  if (pair.changing) return { usable: false, reason: 'it changed while it was read' };
  if (notBefore !== null && pair.backupMtime < notBefore) {
    return { usable: false, reason: `it is of ${pair.backupMtime}, older than the checkpoint` };
  }
  switch (pair.originalState.kind) {
    case 'other':
      return { usable: false, reason: 'a folder or link has the name of its original' };
    case 'absent':
      return { usable: true, reason: 'its original is gone' };
    case 'file': {
      const same = pair.originalState.sha256 === pair.backupSha256;
      return { usable: true, reason: same ? 'its original equals it' : 'its original differs from it' };
    }
  }
}
