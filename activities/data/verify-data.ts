import { join } from 'node:path';
import type { RecoveryPlan, RootDecision } from '../../contract/records.ts';
import { problemsOf } from '../../vault/copy-tree.ts';
import { checkIntegrity } from '../../vault/integrity.ts';
import { compareManifests } from '../../vault/manifest/compare.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import { showPath } from '../../vault/path-text.ts';
import { matters } from '../../vault/tree-changes.ts';
import { checksOf, excludedOf } from '../checks/checks-of.ts';
import { keepEvidence } from '../checks/keep-evidence.ts';
import { locateRoot } from '../checks/locate-root.ts';
import { gitOf } from '../git/git-of.ts';
import { readCheckpoint, readRecoveryPlan } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { checkpointCopyOf } from './compare-with-checkpoint.ts';
import { realOf } from './covers-root.ts';
import { compareDump } from './restore-dump.ts';
import { withStagedFromGit } from './stage-from-git.ts';
import { judgeBackups } from './usable-backups.ts';

type DataRoot = Room['target']['data'][number];
type FolderRoot = Exclude<DataRoot, { readonly kind: 'dump' }>;

interface Verified {
  readonly root: string;
  readonly good: boolean;
  readonly said: string;
  readonly problems: readonly string[];
}

/**
 * Runbook 2.3: what was put back equals its source and passes its integrity checks, looked at anew and before anything
 * starts that could write to it. What the restore said of itself is not asked.
 */
export const verifyData: ActBody = async (room) => {
  const plan = readRecoveryPlan(room);
  const verified: Verified[] = [];
  for (const decision of plan.roots.filter(({ action }) => action === 'put-back')) {
    const root = room.target.data.find(({ name }) => name === decision.root);
    if (root !== undefined) verified.push(await verifyRoot(room, { root, decision, plan }));
  }
  const file = keepEvidence(room, 'checks/restored-data.json', verified);
  const wrong = verified.filter(({ good }) => !good);
  const told = wrong.length > 0 ? wrong : verified;
  return {
    outcome: wrong.length > 0 ? 'failed' : verified.length === 0 ? 'skipped' : 'done',
    reason:
      verified.length === 0
        ? 'The plan puts no data back.'
        : `${told.map(({ root, said }) => `${root}: ${said}`).join('; ')}.`,
    figures: { roots: verified.length, wrong: wrong.length },
    files: [file],
  };
};

interface Asked {
  readonly root: DataRoot;
  readonly decision: RootDecision;
  readonly plan: RecoveryPlan;
}

async function verifyRoot(room: Room, { root, decision, plan }: Asked): Promise<Verified> {
  const bad = (said: string, problems: readonly string[] = []): Verified => {
    return { root: root.name, good: false, said, problems };
  };
  const source = await checkpointCopyOf(room, readCheckpoint(room), root.name);
  if (root.kind === 'dump') {
    if ('problem' in source) return bad(source.problem);
    const { good, said } = await compareDump(room, root, source);
    return { root: root.name, good, said, problems: [] };
  }
  const place = await locateRoot(room, root);
  if ('problem' in place) return bad(place.problem);
  const path = realOf(place.path);
  const manifest = join(room.rollback.planDir, 'restored', `${root.name}.jsonl`);
  const exclude = excludedOf(root);
  room.beforeEffect();
  await writeManifest(path, manifest, { exclude, signal: room.signal });
  const compared = await compare(room, { root, path, manifest, decision, plan });
  if (compared.problems.length > 0) return bad(compared.said, compared.problems);
  const integrity = await checkIntegrity({
    root: path,
    checks: checksOf(root),
    checkpointManifest: 'problem' in source ? undefined : source.manifest,
    nowManifest: manifest,
    exclude,
    signal: room.signal,
  });
  if (integrity.verdict === 'corrupt') return bad(`it is corrupt: ${integrity.reasons.join('; ')}`);
  const checked = integrity.verdict === 'sound' ? ', its checks pass' : '';
  return { root: root.name, good: true, said: `${compared.said}${checked}`, problems: [] };
}

interface Compared {
  readonly said: string;
  readonly problems: readonly string[];
}

function compare(
  room: Room,
  seen: {
    readonly root: FolderRoot;
    readonly path: string;
    readonly manifest: string;
    readonly decision: RootDecision;
    readonly plan: RecoveryPlan;
  },
): Promise<Compared> {
  switch (seen.decision.source) {
    case 'checkpoint':
      return compareWithCheckpoint(room, seen);
    case 'git':
      return compareWithGit(room, seen);
    case 'backup':
      return compareWithBackups(room, seen);
    case null:
      return Promise.resolve({ said: 'the plan names no source', problems: ['no source'] });
  }
}

async function compareWithCheckpoint(
  room: Room,
  { root, manifest }: { readonly root: FolderRoot; readonly manifest: string },
): Promise<Compared> {
  const source = await checkpointCopyOf(room, readCheckpoint(room), root.name);
  if ('problem' in source) return { said: source.problem, problems: [source.problem] };
  return resultOf(await problemsOf(compareManifests(source.manifest, manifest), matters), 'the checkpoint');
}

/** Of git's files only: what git does not know it cannot be held against. */
async function compareWithGit(
  room: Room,
  seen: { readonly root: FolderRoot; readonly path: string; readonly manifest: string; readonly plan: RecoveryPlan },
): Promise<Compared> {
  const { commit } = seen.plan.checkpoint;
  const asked = { root: seen.root.name, commit, target: seen.path };
  const found = await withStagedFromGit(room, await gitOf(room), asked, (staged) =>
    problemsOf(compareManifests(staged.manifest, seen.manifest), (d) => d.kind !== 'extra' && matters(d)),
  );
  return resultOf(found, `commit ${commit.slice(0, 12)}`);
}

async function compareWithBackups(
  room: Room,
  { root, path }: { readonly root: FolderRoot; readonly path: string },
): Promise<Compared> {
  const notBefore = readCheckpoint(room)?.createdAt ?? null;
  const usable = (await judgeBackups(room, root, { path, notBefore })).filter((each) => each.usable);
  const wrong = usable.filter(
    ({ pair }) => pair.originalState.kind !== 'file' || pair.originalState.sha256 !== pair.backupSha256,
  );
  const problems = wrong.map(({ pair }) => ({ path: showPath(pair.original), reason: 'differs from its backup' }));
  return resultOf({ count: wrong.length, problems }, `${usable.length} backup(s)`);
}

function resultOf(
  found: { readonly count: number; readonly problems: readonly { readonly path: string; readonly reason: string }[] },
  source: string,
): Compared {
  const problems = found.problems.map(({ path, reason }) => `${path} (${reason})`);
  if (found.count === 0) return { said: `equals ${source}`, problems };
  return { said: `${found.count} path(s) are not as in ${source}, first ${problems[0] ?? ''}`, problems };
}
