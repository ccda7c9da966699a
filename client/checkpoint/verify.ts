import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckpointRecord } from '../../contract/records.ts';
import { errorCode } from '../../vault/errors.ts';
import { holderFor } from '../../vault/lock.ts';
import { type CopyProof, isSound, proveCopy } from '../../vault/prove-copy.ts';
import { readCheckpoints, sealedCheckpoint } from '../checkpoint-files.ts';
import type { Place } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import type { Output } from '../output.ts';
import type { Style } from '../style.ts';
import { formatBytes, oneLine, plural, wrap } from '../text.ts';

export interface VerifiedRoot extends Omit<CopyProof, 'recorded'> {
  readonly root: string;
  readonly rootHash: string;
  readonly bytes: number;
  readonly sound: boolean;
}

export interface VerifiedCheckpoint {
  readonly id: string;
  readonly sound: boolean;
  readonly roots: readonly VerifiedRoot[];
  /** `unreadable`: it may hold secrets, so that only its owner can read it. */
  readonly configuration: 'as-recorded' | 'damaged' | 'unreadable';
}

/**
 * Reads the copies of checkpoints anew and compares them with what was recorded. Writes nothing to the state folder,
 * and needs no server: it is asked when one no longer trusts the disk.
 * @throws ClientFailure `held` while checkpoints are being pruned, or when one goes away meanwhile
 */
export async function verifyCheckpoints(
  place: Place,
  wanted: { readonly id: string | undefined; readonly all: boolean },
  out: Output,
): Promise<ExitName> {
  refuseWhilePruned(place);
  const records = wanted.all ? allSealed(place) : [sealedCheckpoint(place, wanted.id)];
  const verified: VerifiedCheckpoint[] = [];
  for (const record of records) {
    verified.push(await verifyOne(record, (line) => (out.terminal ? out.aside(line) : undefined)));
    // What was pruned while it was read is not damaged.
    sealedCheckpoint(place, record.id);
  }
  const exit: ExitName = verified.every(({ sound }) => sound) ? 'ok' : 'failed';
  out.lines(verified.flatMap((one) => renderVerified(one, out.style)));
  out.result({ environment: place.environment, checkpoints: verified, exitCode: exitCodes[exit].code });
  return exit;
}

function allSealed(place: Place): readonly (CheckpointRecord & { readonly dir: string })[] {
  const sealed = readCheckpoints(place).filter(({ state }) => state === 'sealed');
  return sealed.map(({ id }) => sealedCheckpoint(place, id));
}

function refuseWhilePruned({ environment, stateRoot }: Place): void {
  const holder = holderFor({ environment, stateDir: stateRoot });
  if (holder === undefined || !holder.rollbackId.startsWith('prune-')) return;
  throw new ClientFailure(
    'held',
    `Checkpoints are being pruned by ${holder.who} since ${holder.since}; none was read.`,
    {
      next: ['Try again when it has ended.'],
    },
  );
}

async function verifyOne(
  record: CheckpointRecord & { readonly dir: string },
  tell: (line: string) => void,
): Promise<VerifiedCheckpoint> {
  const scratch = mkdtempSync(join(tmpdir(), 'rollback-verify-'));
  const roots: VerifiedRoot[] = [];
  try {
    for (const { root, copy, manifest, rootHash, bytes } of record.data) {
      tell(`reads ${root} of ${record.id}: ${formatBytes(bytes)} …`);
      const named = { copy: join(record.dir, copy), manifest: join(record.dir, manifest), rootHash };
      const { recorded: _recorded, ...proof } = await proveCopy(named, { scratch });
      roots.push({ root, rootHash, bytes, sound: isSound({ ...proof, recorded: null }), ...proof });
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const configuration = verifyConfiguration(record);
  return {
    id: record.id,
    sound: roots.every(({ sound }) => sound) && configuration !== 'damaged',
    roots,
    configuration,
  };
}

function verifyConfiguration({ dir, configuration }: CheckpointRecord & { readonly dir: string }) {
  try {
    const now = createHash('sha256')
      .update(readFileSync(join(dir, configuration.file)))
      .digest('hex');
    return now === configuration.sha256 ? 'as-recorded' : 'damaged';
  } catch (error) {
    if (errorCode(error) === 'EACCES') return 'unreadable';
    if (errorCode(error) === 'ENOENT') return 'damaged';
    throw error;
  }
}

export function renderVerified(
  { id, sound, roots, configuration }: VerifiedCheckpoint,
  style: Style,
): readonly string[] {
  return [
    sound
      ? style.green(`✔ ${id}: every copy is what was recorded.`)
      : style.red(`✘ ${id} is damaged on disk: a rollback would refuse what is damaged.`),
    ...roots.flatMap((root) => renderRoot(root, style)),
    ...(configuration === 'as-recorded' ? [] : [style.yellow(`  configuration: ${configuration}`)]),
    ...(sound
      ? []
      : ['  Next: rollback checkpoint create, while the stable system is good; keep this folder to look at.']),
  ];
}

function renderRoot(root: VerifiedRoot, style: Style): readonly string[] {
  if (root.unusable !== null) return [style.red(`  ${root.root}: ${oneLine(root.unusable)}`)];
  const { compared, equal, differing, missing, extra, metadataOnly } = root;
  const counts = `${plural(compared, 'path')} compared: ${equal} equal, ${differing} differing, ${missing} missing, ${extra} extra`;
  const kept = metadataOnly === 0 ? '' : `; ${metadataOnly} with another owner, mode or time, which the manifest has`;
  return [
    ...wrap(`${root.root}: ${counts}${kept}`, style.width, '  '),
    ...(root.sound ? [`    root hash ${root.rootHash}`] : []),
    ...root.problems.map(({ path, reason }) => style.red(`    ${oneLine(path)}: ${reason}`)),
  ];
}
