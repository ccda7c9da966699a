import { checkSpace, problemsOf } from './copy-tree.ts';
import { SourceRefused, VerifyFailed } from './errors.ts';
import { type CompareSummary, compareManifests, compareSummary, type Difference } from './manifest/compare.ts';
import { isRestorable } from './manifest/entry.ts';
import { checkManifest } from './manifest/read.ts';
import { readMovedAside } from './restore/aside-area.ts';
import { keepAside } from './restore/keep-aside.ts';
import { type PutCounts, putInPlace } from './restore/put-in-place.ts';
import type { RestoreResult, RestoreTreeRequest } from './restore/restore-types.ts';
import { RestoreWork, refuseImpossible } from './restore/restore-work.ts';
import { stageSources } from './restore/stage.ts';

export type { MovedAside } from './restore/aside-area.ts';
export type { RestoreJournal, RestoreProgress, RestoreResult, RestoreTreeRequest } from './restore/restore-types.ts';
export { sqliteCompanions } from './restore/restore-types.ts';
export { asideDirFor } from './restore/restore-work.ts';

/**
 * Puts a tree back from its verified copy (design §4.6): look → refuse what cannot be → stage beside the target, hashed
 * and fsynced → keep what is replaced → rename, fsync the folders → look again and compare.
 *
 * Until everything is staged the target is not touched. Killed at any point, a second run finishes it or finds it
 * `already-done`; nothing is ever deleted, and no link below the target is followed.
 * @throws SourceRefused, Refused, ManifestDamaged: the target is as it was; VerifyFailed: something else wrote to it;
 *   whatever `beforeEffect` throws
 */
export async function restoreTree(request: RestoreTreeRequest): Promise<RestoreResult> {
  await checkSourceManifest(request);
  const work = new RestoreWork(request);
  try {
    await work.look('look');
    const { todo, bytes } = await refuseImpossible(work);
    if (todo > 0) await stageAll(work, bytes);
    const intent = todo > 0 || work.hadEarlierAttempt ? announce(work, { todo, bytes }) : undefined;
    const counts = todo === 0 ? { restored: 0, metadataSet: 0, bytes: 0 } : await carryOut(work);
    const result = await prove(work, { todo, counts });
    if (intent !== undefined) request.journal?.confirm(intent, result.kind, `root hash ${result.rootHash}`);
    return result;
  } finally {
    work.close();
  }
}

async function checkSourceManifest({ manifest, rootHash, copy }: RestoreTreeRequest): Promise<void> {
  const summary = await checkManifest(manifest);
  if (rootHash === undefined || rootHash === summary.rootHash) return;
  const reason = `its root hash is ${summary.rootHash}, the record says ${rootHash}`;
  throw new SourceRefused({ source: copy, count: 1, problems: [{ path: manifest, reason }] });
}

async function stageAll(work: RestoreWork, bytes: number): Promise<void> {
  checkSpace(work.asideDir, bytes);
  await stageSources(work);
}

/** Before the first change; a resumed run that finds nothing to do settles the earlier attempt's intent with its own. */
function announce(work: RestoreWork, plan: { readonly todo: number; readonly bytes: number }): number | undefined {
  const { journal, target, mode } = work.request;
  const detail = { asideDir: work.asideDir, differences: plan.todo, bytes: plan.bytes, mode };
  return journal?.intent({ kind: 'restore-tree', target, detail });
}

async function carryOut(work: RestoreWork): Promise<PutCounts> {
  await keepAside(work);
  return putInPlace(work);
}

async function prove(
  work: RestoreWork,
  did: { readonly todo: number; readonly counts: PutCounts },
): Promise<RestoreResult> {
  const { request } = work;
  const now = did.todo === 0 ? undefined : await work.look('verify');
  const wrong = await problemsOf(compareManifests(request.manifest, work.nowManifest), (d) => isWrong(request, d));
  if (wrong.count > 0) throw new VerifyFailed({ path: request.target, ...wrong });
  const verified: CompareSummary = await compareSummary(request.manifest, work.nowManifest);
  return {
    kind: did.todo === 0 ? 'already-done' : 'done',
    restored: did.counts.restored,
    unchanged: verified.equal + verified.metadataOnly - did.counts.restored,
    metadataSet: did.counts.metadataSet,
    bytes: did.counts.bytes,
    movedAside: readMovedAside(work.asideDir),
    verified,
    rootHash: now?.rootHash ?? (await checkManifest(work.nowManifest)).rootHash,
    exceptions: work.exceptions,
    asideDir: work.asideDir,
    beforeManifest: work.beforeManifest,
  };
}

/** Metadata that this account may not set are exceptions, told in the result; content never is. */
function isWrong({ mode }: RestoreTreeRequest, difference: Difference): boolean {
  if (difference.kind === 'metadata') return false;
  if (difference.kind === 'extra') return mode === 'whole';
  return isRestorable(difference.a?.type ?? 'file');
}
