import { relative } from 'node:path';
import type { RestoreSource } from '../../../contract/records.ts';
import type { Measurement } from '../../../runbook/judge.ts';
import { findBackups } from '../../../vault/backups.ts';
import { showPath } from '../../../vault/path-text.ts';
import type { Room } from '../../kernel/room.ts';
import { few, type Known } from './proof.ts';
import { readGit } from './read-git.ts';

interface Asked {
  readonly root: Room['target']['data'][number];
  readonly path: string;
  readonly source: RestoreSource | null;
  readonly known: Known;
}

/** Data that came back from git or from `*.backup` files equal these. */
export async function proveFromOtherSource(room: Room, asked: Asked): Promise<Measurement> {
  switch (asked.source) {
    case 'git':
      return proveFromGit(room, asked);
    case 'backup':
      return proveFromBackups(room, asked);
    default:
      return { status: 'unknown', measured: `${asked.root.name}: the plan does not say from where it was put back` };
  }
}

async function proveFromGit(room: Room, { root, path }: Asked): Promise<Measurement> {
  const git = await readGit(room);
  const inside = relative(room.target.repository.path, path);
  const differing = git.differing.filter((file) => `${file}/`.startsWith(`${inside}/`));
  return differing.length === 0
    ? { status: 'pass', measured: `${root.name}: tracked files equal commit ${git.head.slice(0, 12)}` }
    : { status: 'fail', measured: `${root.name}: ${differing.length} differ from git: ${few(differing, 3)}` };
}

/** Only backups that were worth using: not empty, and not older than the checkpoint. */
async function proveFromBackups(room: Room, { root, path, known }: Asked): Promise<Measurement> {
  const patterns = root.kind === 'dump' ? [] : root.backups;
  const pairs = await findBackups(path, { patterns, signal: room.signal });
  const notBefore = known.checkpoint?.createdAt ?? '';
  const used = pairs.filter((pair) => !pair.zeroByte && pair.backupMtime >= notBefore);
  const wrong = used.filter(
    ({ originalState, backupSha256 }) => originalState.kind !== 'file' || originalState.sha256 !== backupSha256,
  );
  if (used.length === 0) return { status: 'unknown', measured: `${root.name}: no backup to compare with is there` };
  if (wrong.length === 0) return { status: 'pass', measured: `${root.name}: ${used.length} files equal their backups` };
  const names = few(
    wrong.map(({ original }) => showPath(original)),
    3,
  );
  return { status: 'fail', measured: `${root.name}: ${wrong.length} files are not as their backups: ${names}` };
}
