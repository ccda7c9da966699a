import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { copyTree } from '../../../vault/copy-tree.ts';
import { ensureDir, writeFileDurably } from '../../../vault/durable-file.ts';
import { raiseEpoch } from '../../../vault/epoch.ts';
import { backupContent, checkpointId, type Places, placesIn, rollbackId } from './places.ts';

/**
 * The state from which every operation of the sweep starts: a checkpoint, and data that have lived and been damaged
 * since. Each kind of difference stands in it once, so that a sweep over every call stays short.
 * @param size further files, every second of them changed since
 */
export async function makeWorld(root: string, size: number): Promise<Places> {
  const places = placesIn(root);
  for (const folder of [places.agent, places.skills, places.outside]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(places.outside, 'theirs'), 'belongs to nobody’s plan');
  writeFileSync(places.backup, backupContent);
  writeFileSync(join(places.skills, 'one.json'), '{"id":1}');
  makeTree(places.agent, size);

  const layout = places.layout.checkpoint(checkpointId);
  const [copy, manifest] = [layout.dataDir('agent'), layout.manifest('agent')];
  const { manifest: good } = await copyTree(places.agent, copy, { manifest, beforeEffect: () => undefined });
  writeFileDurably(layout.record, JSON.stringify({ rootHash: good.rootHash }));
  disturbTree(places, size);

  raiseEpoch(places.layout, { rollbackId, why: 'a sweep', at: '2026-01-01T00:00:00.000Z' });
  ensureDir(places.layout.rollback(rollbackId).dir);
  return places;
}

/** The copy lost a byte, kept its size and its time: only its hash tells. */
export function damageCopy(places: Places): void {
  const file = join(places.layout.checkpoint(checkpointId).dataDir('agent'), 'big');
  const run = spawnSync('sh', [
    '-c',
    'touch -r "$1" "$2" && printf X | dd of="$1" bs=1 seek=9 conv=notrunc && touch -r "$2" "$1"',
    'sh',
    file,
    `${places.root}/time`,
  ]);
  if (run.status !== 0) throw new Error(String(run.stderr));
  rmSync(`${places.root}/time`);
}

export function copyWorld(from: string, to: string): Places {
  const run = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return placesIn(to);
}

function makeTree(root: string, size: number): void {
  mkdirSync(join(root, 'folder/deep'), { recursive: true });
  mkdirSync(join(root, 'empty folder'));
  writeFileSync(join(root, 'folder/deep/lost'), 'was lost');
  writeFileSync(join(root, 'changed\nname'), 'good');
  writeFileSync(join(root, 'starts-last'), 'good: read when the system starts');
  writeFileSync(join(root, 'big'), Buffer.alloc(300_000, 'good'));
  writeFileSync(join(root, 'x.db'), 'database');
  writeFileSync(join(root, 'one'), 'two names');
  linkSync(join(root, 'one'), join(root, 'two'));
  symlinkSync('../../outside/theirs', join(root, 'link'));
  writeFileSync(join(root, 'becomes a folder'), 'a file');
  writeFileSync(join(root, 'tool'), 'only its mode differs');
  chmodSync(join(root, 'tool'), 0o4755);
  for (let index = 0; index < size; index += 1) writeFileSync(join(root, `folder/file-${index}`), `good ${index}`);
  utimesSync(join(root, 'folder'), 1_600_000_000, 1_600_000_000);
}

function disturbTree({ agent, outside }: Places, size: number): void {
  rmSync(join(agent, 'folder/deep'), { recursive: true });
  for (const name of ['changed\nname', 'starts-last', 'x.db']) writeFileSync(join(agent, name), `bad: ${name}`);
  appendFileSync(join(agent, 'big'), 'grew since');
  writeFileSync(join(agent, 'x.db-wal'), 'replays the migration');
  rmSync(join(agent, 'two'));
  writeFileSync(join(agent, 'two'), 'another file');
  rmSync(join(agent, 'link'));
  symlinkSync(outside, join(agent, 'link'));
  rmSync(join(agent, 'becomes a folder'));
  mkdirSync(join(agent, 'becomes a folder'));
  writeFileSync(join(agent, 'becomes a folder/inside'), 'made since');
  writeFileSync(join(agent, 'extra'), 'made since as well');
  chmodSync(join(agent, 'tool'), 0o600);
  for (let index = 0; index < size; index += 2) writeFileSync(join(agent, `folder/file-${index}`), `bad ${index}`);
}
