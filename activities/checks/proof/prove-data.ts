import { resolve } from 'node:path';
import type { CheckpointData, Judgement } from '../../../contract/records.ts';
import type { Measurement } from '../../../runbook/judge.ts';
import { ensureDir, nameExists } from '../../../vault/durable-file.ts';
import { checkIntegrity, type IntegrityVerdict } from '../../../vault/integrity.ts';
import { checkManifest } from '../../../vault/manifest/read.ts';
import { type ManifestSummary, writeManifest } from '../../../vault/manifest/write.ts';
import { readSafetyCopy } from '../../../vault/safety-copy.ts';
import { readStaging } from '../../data/note-staging.ts';
import type { Room } from '../../kernel/room.ts';
import { checkMigration, faultOf, migratedRoots } from '../../partial/run-migration.ts';
import { checksOf, excludedOf } from '../checks-of.ts';
import { type Located, locateRoot } from '../locate-root.ts';
import { type Comparison, compareRestored } from './compare-restored.ts';
import { allOf, few, type Known, type Proof } from './proof.ts';
import { proveDump } from './prove-dump.ts';
import { proveFromOtherSource } from './prove-other-source.ts';
import { writersSince } from './writers-since.ts';

type DataRoot = Room['target']['data'][number];

export interface RootProof {
  readonly present: Measurement;
  readonly integrity: Measurement;
  readonly row: Judgement['data'][number] | null;
  readonly exceptions: readonly string[];
}

/** Every data root anew: manifest, integrity checks, and what was put back against its source. */
export async function proveData(room: Room, known: Known): Promise<Proof & { readonly data: Judgement['data'] }> {
  const proofs: RootProof[] = [];
  for (const root of room.target.data) proofs.push(await proveRoot(room, root, known));
  const none = 'the target names no data';
  const conflicts = (known.recovery?.conflicts ?? []).map((conflict) => `sources disagree: ${conflict}`);
  return {
    items: {
      'data-present': allOf(
        proofs.map(({ present }) => present),
        none,
      ),
      'data-uncorrupted': allOf(
        proofs.map(({ integrity }) => integrity),
        none,
      ),
    },
    data: proofs.flatMap(({ row }) => (row === null ? [] : [row])),
    exceptions: [...conflicts.slice(0, 5), ...proofs.flatMap(({ exceptions }) => exceptions)],
    seen: proofs,
  };
}

async function proveRoot(room: Room, root: DataRoot, known: Known): Promise<RootProof> {
  if (root.kind === 'dump') return proveDump(room, root, known);
  const place = await locateRoot(room, root);
  if ('problem' in place) return notThere(root, place);
  const manifest = resolve(room.rollback.reportDir, 'manifests', `${root.name}.jsonl`);
  room.beforeEffect();
  ensureDir(resolve(manifest, '..'));
  room.progress(`reads ${root.name}`);
  const now = await writeManifest(place.path, manifest, { exclude: excludedOf(root), signal: room.signal });
  const source = await checkpointOf(room, root, known);
  const verdict = await checkIntegrity({
    root: place.path,
    checks: checksOf(root),
    nowManifest: manifest,
    checkpointManifest: 'manifest' in source ? source.manifest : undefined,
    exclude: excludedOf(root),
    signal: room.signal,
  });
  const sinceMs = await writersSince(room, root, place.path, known);
  const compared = 'manifest' in source ? await compareRestored(source.manifest, manifest, sinceMs) : null;
  const decision = known.recovery?.roots.find((each) => each.root === root.name);
  const present = migratedRoots(room).includes(root.name)
    ? await proveMigrated(room, root.name)
    : decision?.action === 'put-back' && decision.source !== 'checkpoint'
      ? await proveFromOtherSource(room, { root, path: place.path, source: decision.source, known })
      : provePresent(root, { now, decision, compared, known, why: 'problem' in source ? source.problem : '' });
  return {
    present,
    integrity: proveIntegrity(root, verdict, compared),
    row: {
      ...rowOf(root, { now, compared, explained: present.measured }),
      checkpointHash: 'record' in source ? source.record.rootHash : null,
      keptAt: keptOf(room, root),
    },
    exceptions: decision?.action === 'ask' ? [`${root.name}: nobody decided whether its data go back`] : [],
  };
}

/** What was there before the rollback, as safety copy and plan say, as far as it is there. */
function keptOf(room: Room, root: DataRoot): readonly string[] {
  const kept = readSafetyCopy(room.rollback.safetyDir)?.roots.find(({ name }) => name === root.name);
  const copy = kept?.data ?? null;
  const asides = readStaging(room).flatMap(({ what, aside }) => (what === root.name ? [aside] : []));
  return [...(copy === null ? [] : [copy]), ...asides].filter((path) => nameExists(path));
}

/** What the mended migration has changed is right as its own check says, asked anew. */
async function proveMigrated(room: Room, name: string): Promise<Measurement> {
  const { migration } = room.target.partial;
  if (migration === null) return { status: 'unknown', measured: `${name}: the target names no migration` };
  const fault = faultOf('the check of its migration', await checkMigration(room, migration));
  if (fault === null)
    return { status: 'pass', measured: `${name}: migrated anew, and the check of its migration passes` };
  return { status: 'fail', measured: `${name}: ${fault}` };
}

function notThere(root: DataRoot, place: Extract<Located, { readonly problem: string }>): RootProof {
  const status = place.absent ? 'fail' : 'unknown';
  const found: Measurement = { status, measured: `${root.name}: ${place.problem}` };
  return { present: found, integrity: found, row: null, exceptions: [] };
}

/** The manifest of the checkpoint's copy, if it is the recorded one. */
async function checkpointOf(
  room: Room,
  root: DataRoot,
  { checkpoint }: Known,
): Promise<{ readonly manifest: string; readonly record: CheckpointData } | { readonly problem: string }> {
  if (checkpoint === null) return { problem: 'no checkpoint is recorded to compare with' };
  const record = checkpoint.data.find((data) => data.root === root.name);
  if (record === undefined) return { problem: `checkpoint ${checkpoint.id} has no data of it` };
  const manifest = resolve(room.layout.checkpoint(checkpoint.id).dir, record.manifest);
  const { rootHash } = await checkManifest(manifest);
  if (rootHash !== record.rootHash) return { problem: `its manifest in checkpoint ${checkpoint.id} was changed` };
  return { manifest, record };
}

/** What was put back must equal its source; what was left is there, and differs as normal life makes it (design §4.4). */
function provePresent(
  root: DataRoot,
  seen: {
    readonly now: ManifestSummary;
    readonly decision: { readonly action: string } | undefined;
    readonly compared: Comparison | null;
    readonly known: Known;
    readonly why: string;
  },
): Measurement {
  const { now, decision, compared, known, why } = seen;
  const files = `${root.name}: ${now.files} files`;
  if (known.recovery === undefined)
    return { status: 'unknown', measured: `${files}; no recovery plan says what had to go back` };
  if (decision === undefined || decision.action === 'ask') {
    return { status: 'unknown', measured: `${files}; nobody decided whether they go back` };
  }
  if (compared === null) {
    const status = known.checkpoint === null && decision.action === 'leave' ? 'pass' : 'unknown';
    return { status, measured: `${files}; ${why}` };
  }
  const { equal, differing, missing, extra, since, unexplained, unexplainedCount } = compared;
  const counts = `${equal} equal, ${differing} differ, ${missing} missing, ${extra} more than in the checkpoint`;
  if (decision.action === 'leave') return { status: 'pass', measured: `${files}, left as they are: ${counts}` };
  const after = since > 0 ? `, ${since} of these changed since the system serves again` : '';
  if (unexplainedCount === 0) return { status: 'pass', measured: `${files}, put back: ${counts}${after}` };
  return {
    status: 'fail',
    measured: `${files}, put back, but ${unexplainedCount} are not as in the checkpoint: ${few(unexplained, 3)}`,
  };
}

/** Data that equal the checkpoint are sound even when no check is declared for them. */
function proveIntegrity(root: DataRoot, verdict: IntegrityVerdict, compared: Comparison | null): Measurement {
  const same = compared !== null && compared.compared === compared.equal;
  const measured = `${root.name}: ${few(verdict.reasons, 3)}`;
  switch (verdict.verdict) {
    case 'sound':
      return { status: 'pass', measured };
    case 'corrupt':
      return { status: 'fail', measured };
    case 'unknown':
      return same
        ? { status: 'pass', measured: `${root.name}: equal to the checkpoint` }
        : { status: 'unknown', measured };
  }
}

function rowOf(
  root: DataRoot,
  seen: { readonly now: ManifestSummary; readonly compared: Comparison | null; readonly explained: string },
): Judgement['data'][number] {
  const { now, compared, explained } = seen;
  return {
    root: root.name,
    compared: compared?.compared ?? 0,
    equal: compared?.equal ?? 0,
    differing: compared?.differing ?? 0,
    missing: compared?.missing ?? 0,
    extra: compared?.extra ?? 0,
    rootHash: now.rootHash,
    explained,
  };
}
