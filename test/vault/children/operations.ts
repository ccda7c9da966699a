import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { copyTree } from '../../../vault/copy-tree.ts';
import { nameExists, readIfThere, writeFileDurably } from '../../../vault/durable-file.ts';
import { claimFence, fenceHere, raiseEpoch, readEpoch } from '../../../vault/epoch.ts';
import { takeLock } from '../../../vault/lock.ts';
import { restoreFile } from '../../../vault/restore-file.ts';
import { restoreTree } from '../../../vault/restore-tree.ts';
import { makeSafetyCopy } from '../../../vault/safety-copy.ts';
import { backupSha256, checkpointId, type Places, rollbackId } from '../sweep/places.ts';
import type { Attempt } from './attempt.ts';

type Operation = (places: Places, attempt: Attempt) => Promise<string> | string;

/** What the sweep breaks off. Each says `already-done` when there was nothing to do. */
export const operations: Readonly<Record<string, Operation>> = {
  checkpoint,
  'safety-copy': safetyCopy,
  'restore-whole': (places, attempt) => restore(places, attempt, 'whole'),
  'restore-changed': (places, attempt) => restore(places, attempt, 'changed-only'),
  'restore-damaged': (places, attempt) => restore(places, attempt, 'whole'),
  'restore-file': (places, attempt) => restoreOne(places, attempt, backupSha256),
  // What the plan saw in the backup is not what is in it now.
  'restore-wrong-file': (places, attempt) => restoreOne(places, attempt, '0'.repeat(64)),
  journal: writeNotes,
  epoch: takeEnvironment,
};

async function checkpoint(places: Places, { beforeEffect }: Attempt): Promise<string> {
  const layout = places.layout.checkpoint('new');
  if (nameExists(layout.record)) return 'already-done';
  const copy = layout.dataDir('agent');
  beforeEffect();
  // A copy without its record is of an attempt that was broken off.
  rmSync(copy, { recursive: true, force: true });
  const { manifest } = await copyTree(places.agent, copy, { manifest: layout.manifest('agent'), beforeEffect });
  beforeEffect();
  writeFileDurably(layout.record, JSON.stringify({ rootHash: manifest.rootHash }));
  return 'done';
}

async function safetyCopy(places: Places, { beforeEffect }: Attempt): Promise<string> {
  const { kind } = await makeSafetyCopy({
    roots: [
      { name: 'agent', path: places.agent, how: 'copy' },
      { name: 'skills', path: places.skills, how: 'aside' },
    ],
    into: places.layout.rollback(rollbackId).safetyDir,
    rollbackId,
    at: '2026-01-01T00:00:00.000Z',
    beforeEffect,
  });
  return kind;
}

async function restore(places: Places, attempt: Attempt, mode: 'whole' | 'changed-only'): Promise<string> {
  const layout = places.layout.checkpoint(checkpointId);
  const { rootHash } = JSON.parse(readIfThere(layout.record) ?? '{}') as { readonly rootHash: string };
  const { kind } = await restoreTree({
    copy: layout.dataDir('agent'),
    manifest: layout.manifest('agent'),
    rootHash,
    target: places.agent,
    rollbackId,
    mode,
    asideDir: join(places.aside, 'agent'),
    last: ['starts-last'],
    journal: attempt.journal,
    beforeEffect: attempt.beforeEffect,
  });
  return kind;
}

async function restoreOne(places: Places, attempt: Attempt, expectedSha256: string): Promise<string> {
  const { kind } = await restoreFile({
    source: places.backup,
    expectedSha256,
    root: places.agent,
    path: Buffer.from('changed\nname'),
    asideDir: join(places.aside, 'files'),
    journal: attempt.journal,
    beforeEffect: attempt.beforeEffect,
  });
  return kind;
}

/** Three notes, each once; whoever comes later goes on behind the last that is there. */
function writeNotes(_: Places, { notes, epoch }: Attempt): string {
  const there = new Set(notes.records().flatMap((record) => (record.kind === 'note' ? [record.text] : [])));
  const missing = ['first', 'second', 'third'].filter((text) => !there.has(text));
  for (const text of missing) {
    const who = { at: '2026-01-01T00:00:00.000Z', epoch, step: 'journal', schedule: 1, attempt: 1 };
    notes.append({ ...who, kind: 'note', text });
    console.log(JSON.stringify({ acknowledged: text }));
  }
  return missing.length === 0 ? 'already-done' : 'done';
}

/** What the first step of a rollback does: the lock, then a higher epoch, then its claim. */
function takeEnvironment(places: Places): string {
  const holder = {
    environment: 'lab',
    rollbackId,
    who: 'the sweep',
    host: 'h',
    since: '2026-01-01T00:00:00.000Z',
    why: 'a sweep',
    server: 's',
    stateDir: '/',
    composeProject: 'lab',
    repository: '/',
  };
  const lock = takeLock('key', holder, [places.locks]);
  if (lock.kind === 'held') throw new Error(`held by ${lock.holder.who}`);
  const raised = readEpoch(places.layout).epoch < 2;
  if (raised) raiseEpoch(places.layout, { rollbackId, why: 'a sweep', at: holder.since });
  const { epoch } = readEpoch(places.layout);
  const claim = claimFence(places.layout, fenceHere({ epoch, step: 'take', schedule: 1, attempt: 1 }));
  if (claim.kind === 'stale') throw new Error('somebody else has it');
  return raised || lock.kind === 'taken' ? 'done' : 'already-done';
}
