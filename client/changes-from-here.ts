import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChangesReport, RootChanges } from '../contract/changes.ts';
import type { CheckpointRecord } from '../contract/records.ts';
import { checkManifest } from '../vault/manifest/read.ts';
import { treeChanges } from '../vault/tree-changes.ts';
import { readCheckpoints } from './checkpoint-files.ts';
import type { LoadedTarget } from './load-target.ts';

const away = { problem: 'not looked at from here: rollback up, then rollback changes' } as const;

type Recorded = CheckpointRecord & { readonly dir: string };

/** What can be compared with no server and no worker: the data in folders. The rest is named as not looked at. */
export async function changesFromHere(loaded: LoadedTarget): Promise<ChangesReport> {
  const { target } = loaded;
  const ref = target.repository.checkpoint;
  const checkpoint = latest(loaded, ref);
  const data: RootChanges[] = [];
  for (const root of target.data) data.push(await rootFromHere(root, checkpoint));
  return {
    kind: 'changes',
    at: new Date().toISOString(),
    checkpoint: {
      id: checkpoint?.id ?? null,
      ref,
      commit: checkpoint?.commit ?? null,
      createdAt: checkpoint?.createdAt ?? null,
    },
    commits: away,
    images: away,
    configuration: away,
    experiment: away,
    data,
  };
}

/** The one that a rollback would use. */
function latest(place: LoadedTarget, ref: string): Recorded | undefined {
  const all = readCheckpoints(place).flatMap(({ dir, record }) => (record?.ref === ref ? [{ ...record, dir }] : []));
  return all.sort((a, b) => a.createdAt.localeCompare(b.createdAt)).at(-1);
}

async function rootFromHere(
  root: LoadedTarget['target']['data'][number],
  checkpoint: Recorded | undefined,
): Promise<RootChanges> {
  const { name, kind } = root;
  const problem = (why: string): RootChanges => ({ root: name, kind, changes: { problem: why } });
  if (root.kind !== 'path') return problem(away.problem);
  if (checkpoint === undefined) return problem('no checkpoint is recorded');
  const recorded = checkpoint.data.find((data) => data.root === name);
  if (recorded === undefined) return problem(`checkpoint ${checkpoint.id} has no data of it`);
  const scratch = mkdtempSync(join(tmpdir(), 'rollback-changes-'));
  try {
    const manifest = join(checkpoint.dir, recorded.manifest);
    if ((await checkManifest(manifest)).rootHash !== recorded.rootHash) {
      return problem(`its manifest in checkpoint ${checkpoint.id} was changed`);
    }
    const exclude = [...root.exclude, '/.durable-rollback-*'];
    return { root: name, kind, changes: { found: await treeChanges(root.path, manifest, { scratch, exclude }) } };
  } catch (error) {
    return problem(error instanceof Error ? error.message : String(error));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
