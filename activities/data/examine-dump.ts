import { join } from 'node:path';
import type { RootFinding } from '../../contract/records.ts';
import { checkManifest } from '../../vault/manifest/read.ts';
import { asActFailure } from '../kernel/act.ts';
import type { Room } from '../kernel/room.ts';
import type { CheckpointCopy } from './compare-with-checkpoint.ts';
import { type DumpRoot, takeDump, verifyDump } from './take-dump.ts';

/** Data behind a program: dumped anew, held against the checkpoint's dump, and judged by the target's own commands. */
export async function examineDump(room: Room, root: DumpRoot, copy: CheckpointCopy | null): Promise<RootFinding> {
  const folder = join(room.rollback.planDir, 'found', root.name);
  const manifest = `${folder}.jsonl`;
  const base = { root: root.name, kind: root.kind, path: null, device: null, backups: [] } as const;
  let now: Awaited<ReturnType<typeof takeDump>>;
  try {
    now = await takeDump(room, root, { folder, manifest });
  } catch (error) {
    room.signal.throwIfAborted();
    const failure = asActFailure(error);
    if (failure.kind === 'stale-attempt') throw failure;
    // A store that is stopped cannot be dumped, which says nothing about its data.
    const reasons = [failure.message];
    return { ...base, integrity: 'unknown', reasons, changes: null, manifest: null, rootHash: null };
  }
  const said = await verifyDump(room, root);
  const integrity = said === null ? 'unknown' : said.good ? 'sound' : 'corrupt';
  const reasons = [said === null ? 'the target names no command to verify it' : said.said];
  return { ...base, integrity, reasons, changes: await changesOf(copy, now), manifest, rootHash: now.rootHash };
}

async function changesOf(
  copy: CheckpointCopy | null,
  now: { readonly contentHash: string; readonly bytes: number },
): Promise<RootFinding['changes']> {
  if (copy === null) return null;
  const equal = (await checkManifest(copy.manifest)).contentHash === now.contentHash;
  const counts = equal ? { equal: 1, differing: 0, bytes: 0 } : { equal: 0, differing: 1, bytes: now.bytes };
  return { ...counts, missing: 0, extra: 0, changedSince: null, changedUntil: null };
}
