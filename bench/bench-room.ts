import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { type OpenRoom, openRoom } from '../activities/kernel/open-room.ts';
import { keepTarget } from '../activities/preparation/take-environment.ts';
import type { StepInput } from '../contract/step.ts';
import { normalise } from '../target/normalise.ts';
import { targetFile } from '../target/schema.ts';
import { snapshotOf } from '../target/snapshot.ts';
import { raiseEpoch } from '../vault/epoch.ts';
import { environmentLayout } from '../vault/layout.ts';
import { realWorld } from '../workers/real-world.ts';

/** Opens rooms of one rollback on the real world, as a worker would. */
export type Opener = (input?: Partial<StepInput>, place?: 'rollback' | 'checkpoint') => Promise<OpenRoom>;

/**
 * A rollback of a target that is made for a measurement.
 * @param folder state and repository lie in it
 * @param project compose project whose service `experiment` is the experiment
 */
export function benchRooms(folder: string, project: string): Opener {
  const repository = join(folder, 'repository');
  const stateRoot = join(folder, 'state');
  for (const each of [repository, stateRoot]) mkdirSync(each, { recursive: true });
  const world = realWorld(stateRoot, 'no server', process.env);
  const target = normalise(targetFile.parse(sections(repository, project)), {
    fileDir: repository,
    homeOf: () => folder,
  });
  const { hash } = snapshotOf(target);
  const layout = environmentLayout(stateRoot, target.environment);
  const rollbackId = `bench-${process.pid}`;
  keepTarget(layout.rollback(rollbackId), target, hash);
  keepTarget({ ...layout.rollback(rollbackId), ...checkpointTarget(layout.checkpoint(rollbackId).dir) }, target, hash);
  const epoch = raiseEpoch(layout, { rollbackId, why: 'bench', at: new Date().toISOString() });
  let attempts = 0;
  return (input = {}, place = 'rollback') => {
    attempts += 1;
    const base: StepInput = {
      environment: target.environment,
      rollbackId,
      epoch,
      key: 'bench.step',
      schedule: 1,
      targetHash: hash,
      plans: {},
      mode: 'full',
      options: {},
    };
    const { signal } = new AbortController();
    const attempt = { input: { ...base, ...input }, attempt: attempts, signal, progress: () => undefined };
    return openRoom(world, attempt, place);
  };
}

function checkpointTarget(dir: string) {
  return { dir, target: join(dir, 'target.json') };
}

function sections(repository: string, project: string): z.input<typeof targetFile> {
  return {
    version: 1,
    environment: 'bench',
    runbook: { document: 'runbook.md', version: '1' },
    repository: { path: repository, checkpoint: 'known-good' },
    compose: { project },
    stable: { composeFiles: ['docker-compose.yml'], services: ['stable'], primary: 'stable' },
    experiment: { composeFiles: ['docker-compose.experiment.yml'], services: ['experiment'] },
    data: [{ kind: 'path', name: 'data', path: 'data' }],
    evidence: { limits: { logBytesPerContainer: '3GiB', logBytesTotal: '4GiB' } },
    health: { url: 'http://127.0.0.1:9/health' },
    contacts: [{ level: 1, name: 'Nobody', reach: ['nobody@example.com'] }],
  };
}
