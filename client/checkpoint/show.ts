import { join } from 'node:path';
import type { CheckpointRecord } from '../../contract/records.ts';
import { errorCode, VaultError } from '../../vault/errors.ts';
import { checkManifest } from '../../vault/manifest/read.ts';
import type { ManifestSummary } from '../../vault/manifest/write.ts';
import { sealedCheckpoint } from '../checkpoint-files.ts';
import type { Place } from '../environment.ts';
import type { Output } from '../output.ts';
import type { Style } from '../style.ts';
import { dateTime, formatBytes, plural } from '../text.ts';

type Manifest =
  | Pick<ManifestSummary, 'entries' | 'files' | 'dirs' | 'bytes' | 'rootHash'>
  | { readonly problem: string };

/** One checkpoint whole: what is recorded, and what the manifests themselves say. */
export async function showCheckpoint(place: Place, id: string | undefined, out: Output): Promise<void> {
  const record = sealedCheckpoint(place, id);
  const manifests = await Promise.all(
    record.data.map((root) => manifestOf(join(record.dir, root.manifest), root.rootHash)),
  );
  out.lines(renderRecord(record, manifests, out.style));
  out.result({
    ...record,
    data: record.data.map((root, n) => ({ ...root, manifestNow: manifests[n] })),
    state: 'sealed',
    exitCode: 0,
  });
}

async function manifestOf(path: string, recorded: string): Promise<Manifest> {
  try {
    const { entries, files, dirs, bytes, rootHash } = await checkManifest(path);
    if (rootHash !== recorded) return { problem: 'its manifest is not the recorded one' };
    return { entries, files, dirs, bytes, rootHash };
  } catch (error) {
    if (!(error instanceof VaultError) && errorCode(error) === undefined) throw error;
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

export function renderRecord(
  record: CheckpointRecord & { readonly dir: string },
  manifests: readonly Manifest[],
  style: Style,
): readonly string[] {
  return [
    style.bold(record.id),
    `Sealed ${dateTime(record.createdAt)} by ${record.by}; ${record.ref} is commit ${record.commit}, tree ${record.tree}`,
    ...record.images.map(({ service, reference, image }) => `  image ${service}: ${reference} (${image})`),
    ...record.data.flatMap((root, n) => renderRoot(root, manifests[n], style)),
    `  configuration: ${record.configuration.file}, sha256 ${record.configuration.sha256}`,
    `  skills: ${record.skills.join(', ') || 'none'}`,
    ...renderBaseline(record.baseline),
    `  folder: ${record.dir}`,
  ];
}

function renderRoot(
  { root, kind, files, bytes, rootHash, shared }: CheckpointRecord['data'][number],
  manifest: Manifest | undefined,
  style: Style,
): readonly string[] {
  const counts = `${plural(files, 'file')}, ${formatBytes(bytes)}`;
  const lent = shared === undefined ? '' : `, ${shared.files} of them shared with ${shared.from}`;
  return [
    `  data ${root} (${kind}): ${counts}${lent}`,
    `    root hash ${rootHash}`,
    manifest === undefined || 'problem' in manifest
      ? `    ${style.red(manifest?.problem ?? 'it has no manifest')}`
      : `    manifest: ${plural(manifest.entries, 'entry', 'entries')}, ${plural(manifest.dirs, 'folder')}`,
  ];
}

function renderBaseline(baseline: CheckpointRecord['baseline']): readonly string[] {
  if (baseline === null) return ['  no performance baseline'];
  const {
    samples,
    responseTimeMs: time,
    memoryBytes: memory,
    cpuPercent: cpu,
    errorRate,
    logErrorsPerMinute,
  } = baseline;
  return [
    `  baseline of ${plural(samples, 'sample')}, each median with its spread:`,
    `    response time ${Math.round(time.median)} ms ± ${Math.round(time.spread)} ms`,
    `    memory ${formatBytes(memory.median)} ± ${formatBytes(memory.spread)}, CPU ${cpu.median.toFixed(1)} % ± ${cpu.spread.toFixed(1)} %`,
    `    wrong answers ${(errorRate * 100).toFixed(1)} %, ${logErrorsPerMinute.toFixed(1)} errors per minute in the log`,
  ];
}
