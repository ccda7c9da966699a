import { join } from 'node:path';
import { BadName } from './errors.ts';

export { copyMode, dirMode, ensureDir, evidenceMode, writeFileDurably } from './durable-file.ts';

/** Where the state of all environments of a host lies (design §4.9), unless ROLLBACK_STATE_DIR says otherwise. */
export const defaultStateRoot = '/var/lib/durable-rollback';

/** Files of one environment on this host. Nothing here is made by asking for it. */
export interface EnvironmentLayout {
  readonly environment: string;
  readonly root: string;
  /** One file per epoch; the highest number counts (see `epoch.ts`). */
  readonly epochsDir: string;
  readonly fencesDir: string;
  readonly checkpointsDir: string;
  readonly rollbacksDir: string;
  /** Space kept in reserve, freed at ENOSPC (design §4.11). */
  readonly ballastFile: string;
  checkpoint(id: string): CheckpointLayout;
  rollback(id: string): RollbackLayout;
}

export interface CheckpointLayout {
  readonly dir: string;
  readonly record: string;
  dataDir(rootName: string): string;
  manifest(rootName: string): string;
}

export interface RollbackLayout {
  readonly rollbackId: string;
  readonly dir: string;
  readonly journal: string;
  /** The effective target as it was at the start. */
  readonly target: string;
  readonly planDir: string;
  /** Compose files, env files and scripts by hash (design §4.10). */
  readonly snapshotDir: string;
  readonly evidenceDir: string;
  readonly safetyDir: string;
  /** Says where data were staged and moved aside beside the data roots. */
  readonly stagingNote: string;
  readonly reportDir: string;
  readonly archiveDir: string;
  readonly progressFile: string;
  /** What became of each notice, a file for each channel. */
  readonly noticesDir: string;
}

/** State root of this process: ROLLBACK_STATE_DIR for labs and unprivileged use, else the host's. */
export function stateRootFrom(env: NodeJS.ProcessEnv): string {
  const wanted = env['ROLLBACK_STATE_DIR'];
  return wanted === undefined || wanted === '' ? defaultStateRoot : wanted;
}

/** @throws BadName when the environment's name cannot be a folder's name */
export function environmentLayout(stateRoot: string, environment: string): EnvironmentLayout {
  const root = join(stateRoot, checkedName('the name of an environment', environment));
  const checkpointsDir = join(root, 'checkpoints');
  const rollbacksDir = join(root, 'rollbacks');
  return {
    environment,
    root,
    epochsDir: join(root, 'epochs'),
    fencesDir: join(root, 'fences'),
    checkpointsDir,
    rollbacksDir,
    ballastFile: join(root, 'ballast'),
    checkpoint: (id) => checkpointLayout(checkpointsDir, id),
    rollback: (id) => rollbackLayout(rollbacksDir, id),
  };
}

function checkpointLayout(checkpointsDir: string, id: string): CheckpointLayout {
  const dir = join(checkpointsDir, checkedName('the id of a checkpoint', id));
  const root = (name: string) => checkedName('the name of a data root', name);
  return {
    dir,
    record: join(dir, 'checkpoint.json'),
    dataDir: (name) => join(dir, 'data', root(name)),
    manifest: (name) => join(dir, 'manifests', `${root(name)}.jsonl`),
  };
}

function rollbackLayout(rollbacksDir: string, rollbackId: string): RollbackLayout {
  return rollbackFiles(join(rollbacksDir, checkedName('the id of a rollback', rollbackId)), rollbackId);
}

/** The files of a rollback in whatever folder: a checkpoint and an observation have the same ones in theirs. */
export function rollbackFiles(dir: string, rollbackId: string): RollbackLayout {
  return {
    rollbackId,
    dir,
    journal: join(dir, 'journal'),
    target: join(dir, 'target.json'),
    planDir: join(dir, 'plan'),
    snapshotDir: join(dir, 'snapshot'),
    evidenceDir: join(dir, 'evidence'),
    safetyDir: join(dir, 'safety'),
    stagingNote: join(dir, 'staging.json'),
    reportDir: join(dir, 'report'),
    archiveDir: join(dir, 'archive'),
    progressFile: join(dir, 'progress.json'),
    noticesDir: join(dir, 'notices'),
  };
}

/** Names become folders: what could climb out of the state root is refused here, once. */
function checkedName(what: string, value: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(value)) throw new BadName({ what, value });
  return value;
}
