import { join } from 'node:path';
import type { UndoProven } from '../../contract/undo.ts';
import { ensureDir } from '../../vault/durable-file.ts';
import { compareSummary } from '../../vault/manifest/compare.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import type { SafetyRootRecord } from '../../vault/safety-copy.ts';
import { excludedOf } from '../checks/checks-of.ts';
import { locateRoot } from '../checks/locate-root.ts';
import { takeDump } from '../data/take-dump.ts';
import { gitOf } from '../git/git-of.ts';
import { asActFailure } from '../kernel/failures.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { filesBackNote } from './plan-undo.ts';
import { gitBefore, gitDifferences } from './undo-git.ts';
import { touchedRepository, touchedRoot, type UndoneRollback, undoneRollback } from './undone-rollback.ts';

/**
 * Looks at data and repository themselves and holds them against what was recorded before the rollback; what the steps
 * said of themselves is not asked. Before the containers are started, which write at once.
 */
export const proveUndoneFiles: ActBody<UndoProven> = async (room) => {
  const undone = undoneRollback(room);
  const wrong: string[] = [];
  const unknown: string[] = [];
  let compared = 0;
  for (const root of room.target.data) {
    const safety = undone.roots.find(({ name }) => name === root.name);
    if (safety === undefined || !touchedRoot(undone, root.name)) continue;
    const seen = await seenOf(room, root, safety);
    compared += 1;
    if ('unknown' in seen) unknown.push(`${root.name}: ${seen.unknown}`);
    else if (seen.wrong !== null) wrong.push(`${root.name}: ${seen.wrong}`);
  }
  wrong.push(...(await wrongInGit(room, undone)));
  if (wrong.length + unknown.length === 0) {
    const { epoch, key, schedule } = room.input;
    const at = new Date(room.world.now()).toISOString();
    room.beforeEffect();
    room.journal.append({ at, epoch, step: key, schedule, attempt: 1, kind: 'note', text: filesBackNote });
  }
  return {
    outcome: 'done',
    reason:
      wrong.length + unknown.length === 0
        ? `${compared} data root(s) and the repository are as before.`
        : [...wrong, ...unknown].slice(0, 5).join('; '),
    wrong: wrong.slice(0, 20),
    unknown: unknown.slice(0, 20),
    figures: { roots: compared, wrong: wrong.length, unknown: unknown.length },
  };
};

type Seen = { readonly wrong: string | null } | { readonly unknown: string };

async function seenOf(room: Room, root: Room['target']['data'][number], safety: SafetyRootRecord): Promise<Seen> {
  const found = join(room.rollback.reportDir, 'found', `${root.name}.jsonl`);
  room.beforeEffect();
  ensureDir(join(found, '..'));
  if (root.kind === 'dump') {
    const folder = join(room.rollback.reportDir, 'found', root.name);
    const now = await takeDump(room, root, { folder, manifest: found });
    return now.contentHash === safety.contentHash
      ? { wrong: null }
      : { unknown: 'a dump taken now differs from the one of before; some programs never write the same twice' };
  }
  const place = await locateRoot(room, root);
  if ('problem' in place) return place.absent ? { wrong: place.problem } : { unknown: place.problem };
  await writeManifest(place.path, found, { exclude: excludedOf(root), signal: room.signal });
  const sum = await compareSummary(safety.manifest, found);
  const off = sum.differing + sum.missing + sum.extra + sum.metadataOnly;
  return off === 0
    ? { wrong: null }
    : {
        wrong: `${sum.differing} differ, ${sum.missing} are missing, ${sum.extra} are extra, ${sum.metadataOnly} have another owner, mode or time`,
      };
}

async function wrongInGit(room: Room, undone: UndoneRollback): Promise<readonly string[]> {
  if (!touchedRepository(undone)) return [];
  try {
    const git = await gitOf(room);
    const before = gitBefore(undone, git);
    return before === undefined ? [] : await gitDifferences(git, before);
  } catch (error) {
    room.signal.throwIfAborted();
    return [asActFailure(error).message];
  }
}
