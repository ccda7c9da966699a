import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import type { OpenRoom } from '../../../activities/kernel/open-room.ts';
import { openRoom } from '../../../activities/kernel/open-room.ts';
import type { World } from '../../../activities/kernel/world.ts';
import { keepTarget } from '../../../activities/preparation/take-environment.ts';
import type { StepInput } from '../../../contract/step.ts';
import { normalise } from '../../../target/normalise.ts';
import type { Target } from '../../../target/schema.ts';
import { targetFile } from '../../../target/schema.ts';
import { snapshotOf } from '../../../target/snapshot.ts';
import { raiseEpoch } from '../../../vault/epoch.ts';
import { environmentLayout } from '../../../vault/layout.ts';
import { realWorld } from '../../../workers/real-world.ts';

/** `rollback.yaml` as an object, before parsing; whole sections replace those of the minimal base. */
export type TargetSections = Partial<z.input<typeof targetFile>>;

export interface RoomOptions {
  /** Sections of the target; paths may be absolute or relative to the repository. */
  readonly target?: TargetSections;
  /** Parts of the world to put in place of the real ones. */
  readonly world?: Partial<World>;
  readonly input?: Partial<StepInput>;
  readonly place?: 'rollback' | 'checkpoint';
  /** Where the state lies, instead of beside the repository: a disk of its own. */
  readonly stateRoot?: string;
}

/** A room for tests: real adapters, a state root and a repository folder of its own, the kernel's own `openRoom`. */
export interface TestRoom {
  /** Temp folder of this test; `state` and `repository` lie in it. */
  readonly dir: string;
  readonly repository: string;
  readonly target: Target;
  readonly world: World;
  /** The first attempt. */
  readonly room: OpenRoom;
  readonly abort: AbortController;
  /** What the act told as progress, latest last. */
  readonly progress: readonly string[];
  /** A later attempt of the same step, or another step of the same rollback (`input.key`). */
  again(input?: Partial<StepInput>): Promise<OpenRoom>;
  /** Closes every journal and removes the folder. */
  close(): void;
}

export async function roomFor(options: RoomOptions = {}): Promise<TestRoom> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'rollback-room-')));
  const repository = join(dir, 'repository');
  const stateRoot = options.stateRoot ?? join(dir, 'state');
  mkdirSync(repository);
  mkdirSync(stateRoot, { recursive: true });
  const world: World = { ...realWorld(stateRoot, 'test server', process.env), ...options.world };
  const target = testTarget(repository, options.target);
  const { hash } = snapshotOf(target);
  const layout = environmentLayout(stateRoot, target.environment);
  const id = `${target.environment}-${randomBytes(4).toString('hex')}`;
  const files = layout.rollback(options.input?.rollbackId ?? id);
  keepTarget(files, target, hash);
  const why = { rollbackId: files.rollbackId, why: 'test', at: new Date().toISOString() };
  const base: StepInput = {
    environment: target.environment,
    rollbackId: files.rollbackId,
    epoch: options.input?.epoch ?? raiseEpoch(layout, why),
    key: 'test.step',
    schedule: 1,
    targetHash: hash,
    plans: {},
    mode: 'full',
    options: {},
    ...options.input,
  };
  const rooms: OpenRoom[] = [];
  const progress: string[] = [];
  const abort = new AbortController();
  const open = async (input: Partial<StepInput> = {}): Promise<OpenRoom> => {
    const attempt = {
      input: { ...base, ...input },
      attempt: rooms.length + 1,
      signal: abort.signal,
      progress: (text: string) => void progress.push(text),
    };
    const room = await openRoom(world, attempt, options.place ?? 'rollback');
    rooms.push(room);
    return room;
  };
  const room = await open();
  return {
    dir,
    repository,
    target,
    world,
    room,
    abort,
    progress,
    again: open,
    close() {
      for (const each of rooms) each.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The smallest target there is, with sections of it replaced. Nothing of it exists in the world unless the test makes it. */
export function testTarget(repository: string, sections: TargetSections = {}): Target {
  const parsed = targetFile.parse({
    version: 1,
    environment: 'test',
    runbook: { document: 'runbook.md', version: '1' },
    repository: { path: repository, checkpoint: 'known-good' },
    compose: { project: 'nothing' },
    stable: { composeFiles: ['docker-compose.yml'], services: ['stable'], primary: 'stable' },
    experiment: { composeFiles: ['docker-compose.experiment.yml'], services: ['experiment'] },
    data: [{ kind: 'path', name: 'data', path: 'data' }],
    health: { url: 'http://127.0.0.1:9/health' },
    contacts: [{ level: 1, name: 'Nobody', reach: ['nobody@example.com'] }],
    ...sections,
  });
  return normalise(parsed, { fileDir: repository, homeOf: () => join(repository, '..', 'home') });
}
