import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type CopyProgress, copyTree, problemsOf } from './copy-tree.ts';
import { ensureDir, readIfThere, writeFileDurably } from './durable-file.ts';
import { RecordDamaged, Refused, VerifyFailed } from './errors.ts';
import { compareManifests } from './manifest/compare.ts';
import { isRestorable } from './manifest/entry.ts';
import { checkManifest } from './manifest/read.ts';
import { writeManifest } from './manifest/write.ts';

/**
 * The state just before the rollback (design §4.3). `copy` makes a verified copy; `aside` only records a manifest of
 * data that the restore will move aside on the same filesystem and not delete, as the emergency path does.
 */
export interface SafetyRoot {
  readonly name: string;
  /** Real path of a folder. */
  readonly path: string;
  readonly how: 'copy' | 'aside';
  readonly exclude?: readonly string[] | undefined;
}

export interface SafetyCopyRequest {
  readonly roots: readonly SafetyRoot[];
  /** Folder of the safety copy. */
  readonly into: string;
  readonly rollbackId: string;
  /** ISO instant. */
  readonly at: string;
  readonly onProgress?: ((root: string, progress: CopyProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly beforeEffect: () => void;
}

const rootRecordSchema = z.object({
  name: z.string(),
  path: z.string(),
  how: z.enum(['copy', 'aside']),
  rootHash: z.string(),
  contentHash: z.string(),
  files: z.int(),
  bytes: z.int(),
  manifest: z.string(),
  /** Folder of the copy; null when the data are moved aside instead. */
  data: z.string().nullable(),
  /** Special files that no copy can hold. */
  notCopied: z.array(z.string()),
});

const recordSchema = z.object({
  format: z.literal(1),
  rollbackId: z.string(),
  at: z.string(),
  roots: z.array(rootRecordSchema),
});

export type SafetyCopyRecord = Readonly<z.infer<typeof recordSchema>>;
export type SafetyRootRecord = Readonly<z.infer<typeof rootRecordSchema>>;

export interface SafetyCopyResult {
  /** `already-done`: the first safety copy was found whole and verified; it is never made again from a later state. */
  readonly kind: 'done' | 'already-done';
  readonly recordFile: string;
  readonly record: SafetyCopyRecord;
}

/**
 * Makes the safety copy, or verifies the one that is there. Each root gets its own record as soon as it is verified, so
 * that an attempt after a kill goes on with the next root and never copies a state that is already half rolled back.
 * @throws Refused with what would allow it; VerifyFailed when the first safety copy is not what was recorded
 */
export async function makeSafetyCopy(request: SafetyCopyRequest): Promise<SafetyCopyResult> {
  const recordFile = safetyRecordFile(request.into);
  const known = readSafetyCopy(request.into);
  for (const root of known?.roots ?? []) await verifySafetyRoot(root, request);
  // A later plan may put back more: what is not kept yet is kept now, what is kept stays as it was first.
  const missing = request.roots.filter(({ name }) => known?.roots.some((root) => root.name === name) !== true);
  if (known !== undefined && missing.length === 0) return { kind: 'already-done', recordFile, record: known };
  request.beforeEffect();
  ensureDir(request.into);
  for (const root of missing) refuseUnfit(root, request.into);

  const roots: SafetyRootRecord[] = [...(known?.roots ?? [])];
  for (const root of missing) roots.push(await keepRoot(root, request));

  const { rollbackId, at } = known ?? request;
  const record: SafetyCopyRecord = { format: 1, rollbackId, at, roots };
  request.beforeEffect();
  writeFileDurably(recordFile, `${JSON.stringify(record, null, 2)}\n`);
  return { kind: 'done', recordFile, record };
}

/** The record of a finished safety copy, or undefined. */
export function readSafetyCopy(into: string): SafetyCopyRecord | undefined {
  return parsed(safetyRecordFile(into), recordSchema);
}

export function safetyRecordFile(into: string): string {
  return join(into, 'safety-copy.json');
}

/** Hashes the copy again and compares it with its manifest. */
export async function verifySafetyRoot(
  root: SafetyRootRecord,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const summary = await checkManifest(root.manifest);
  if (summary.rootHash !== root.rootHash) throw failed(root, 'its manifest is not the recorded one');
  if (root.data === null) return;
  const now = `${root.manifest}.check-${process.pid}`;
  try {
    await writeManifest(root.data, now, { signal: options.signal });
    const wrong = await problemsOf(
      compareManifests(root.manifest, now),
      (d) => d.kind !== 'metadata' && isRestorable(d.a?.type ?? 'file'),
    );
    if (wrong.count > 0) throw new VerifyFailed({ path: root.data, ...wrong });
  } finally {
    rmSync(now, { force: true });
  }
}

async function keepRoot(root: SafetyRoot, request: SafetyCopyRequest): Promise<SafetyRootRecord> {
  const ownRecord = join(request.into, 'roots', `${root.name}.json`);
  const known = parsed(ownRecord, rootRecordSchema);
  if (known !== undefined) {
    await verifySafetyRoot(known, request);
    return known;
  }
  const manifest = join(request.into, 'manifests', `${root.name}.jsonl`);
  // A copy without its record was broken off: nothing was destroyed yet. Its space may be what is lacking now.
  request.beforeEffect();
  rmSync(join(request.into, 'data', root.name), { recursive: true, force: true });
  const record =
    root.how === 'copy' ? await copyRoot(root, request, manifest) : await recordRoot(root, request, manifest);
  request.beforeEffect();
  ensureDir(join(request.into, 'roots'));
  writeFileDurably(ownRecord, `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

async function copyRoot(root: SafetyRoot, request: SafetyCopyRequest, manifest: string): Promise<SafetyRootRecord> {
  const data = join(request.into, 'data', root.name);
  const { exclude, name } = root;
  const { signal, beforeEffect, onProgress } = request;
  const report = (progress: CopyProgress) => onProgress?.(name, progress);
  const copied = await copyTree(root.path, data, { manifest, exclude, signal, beforeEffect, onProgress: report });
  return { ...recordOf(root, copied.manifest), data, notCopied: [...copied.notCopied] };
}

async function recordRoot(root: SafetyRoot, request: SafetyCopyRequest, manifest: string): Promise<SafetyRootRecord> {
  const summary = await writeManifest(root.path, manifest, { exclude: root.exclude, signal: request.signal });
  return { ...recordOf(root, summary), data: null, notCopied: [] };
}

function recordOf(root: SafetyRoot, summary: Awaited<ReturnType<typeof writeManifest>>) {
  const { rootHash, contentHash, files, bytes, path } = summary;
  return { name: root.name, path: root.path, how: root.how, rootHash, contentHash, files, bytes, manifest: path };
}

function refuseUnfit({ name, path }: SafetyRoot, into: string): void {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(name)) {
    throw new Refused({
      reason: 'not-a-folder',
      path: name,
      why: 'its name cannot be a folder',
      remedy: 'Rename the data root.',
    });
  }
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Refused({
      reason: 'not-a-folder',
      path,
      why: 'it is no folder',
      remedy: 'Give the real path of the data root.',
    });
  }
  if (`${into}/`.startsWith(`${path}/`)) {
    const why = `the safety copy would lie inside it (${into})`;
    throw new Refused({ reason: 'overlapping', path, why, remedy: 'Keep the state outside the data roots.' });
  }
}

function parsed<T>(path: string, schema: z.ZodType<T>): T | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new RecordDamaged({ path, why: error instanceof Error ? error.message : String(error) });
  }
}

function failed(root: SafetyRootRecord, reason: string): VerifyFailed {
  return new VerifyFailed({ path: root.manifest, count: 1, problems: [{ path: root.name, reason }] });
}
