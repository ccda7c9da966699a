import type { Measurement } from '../../../runbook/judge.ts';
import { findBackups } from '../../../vault/backups.ts';
import { readSafetyCopy, verifySafetyRoot } from '../../../vault/safety-copy.ts';
import { asActFailure } from '../../kernel/act.ts';
import type { Room } from '../../kernel/room.ts';
import { locateRoot } from '../locate-root.ts';
import { allOf, type Proof } from './proof.ts';

/**
 * Runbook, "Backups verified (if created)": the safety copy equals its manifest, every backup file can be read. An
 * empty backup restores nothing; it is named, and was none of ours.
 */
export async function proveBackups(room: Room): Promise<Proof> {
  const copies = await proveSafetyCopy(room);
  const files = await Promise.all(room.target.data.map((root) => proveBackupFiles(room, root)));
  const all = [...copies, ...files.filter((found) => found !== null)];
  const none = { status: 'pass', measured: 'no backups were made, none are there' } as const;
  return { items: { 'backups-verified': all.length === 0 ? none : allOf(all, '') }, seen: all };
}

async function proveSafetyCopy(room: Room): Promise<readonly Measurement[]> {
  const record = readSafetyCopy(room.rollback.safetyDir);
  const proven: Measurement[] = [];
  for (const root of record?.roots ?? []) {
    try {
      await verifySafetyRoot(root, { signal: room.signal });
      proven.push({ status: 'pass', measured: `safety copy of ${root.name}: ${root.files} files as recorded` });
    } catch (error) {
      room.signal.throwIfAborted();
      proven.push({ status: 'fail', measured: `safety copy of ${root.name}: ${asActFailure(error).message}` });
    }
  }
  return proven;
}

async function proveBackupFiles(room: Room, root: Room['target']['data'][number]): Promise<Measurement | null> {
  if (root.kind === 'dump' || root.backups.length === 0) return null;
  const place = await locateRoot(room, root);
  if ('problem' in place) return { status: 'unknown', measured: `backups in ${root.name}: ${place.problem}` };
  const pairs = await findBackups(place.path, { patterns: root.backups, signal: room.signal });
  if (pairs.length === 0) return null;
  const empty = pairs.filter(({ zeroByte }) => zeroByte).length;
  const changing = pairs.filter(({ changing }) => changing).length;
  const measured = `${pairs.length} backup files in ${root.name} read, ${empty} of them empty`;
  return changing === 0
    ? { status: 'pass', measured }
    : { status: 'fail', measured: `${measured}, ${changing} changing` };
}
