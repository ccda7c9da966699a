import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { locateRoot } from '../../../activities/checks/locate-root.ts';
import { checkIntegrity } from '../../../activities/data/check-integrity.ts';
import { deviceOf } from '../../../activities/data/device-of.ts';
import { planRecovery } from '../../../activities/data/plan-recovery.ts';
import type { ActBody } from '../../../activities/kernel/room.ts';
import type { CheckpointData, CheckpointRecord, Findings, RecoveryPlan } from '../../../contract/records.ts';
import type { RecoveryPlanned } from '../../../contract/rollback.ts';
import type { StepInput, StepResult } from '../../../contract/step.ts';
import { git } from '../../../lab/git.ts';
import type { Scenario } from '../../../runbook/scenarios.ts';
import { copyTree } from '../../../vault/copy-tree.ts';
import { ensureDir } from '../../../vault/durable-file.ts';
import { type RoomOptions, roomFor, type TestRoom } from './room.ts';

/** A real repository with data beside a room: what the acts of data recovery work on. */
export interface TestRecovery {
  readonly test: TestRoom;
  readonly repository: string;
  git(...args: readonly string[]): Promise<string>;
  /** Writes a file of the repository, or of wherever an absolute path leads. */
  write(path: string, content: string | Buffer): void;
  read(path: string): string;
  /** Commits everything and gives it the checkpoint's tag. */
  tag(): Promise<string>;
  /** Records a sealed checkpoint of the data roots as they are now. */
  seal(over?: Partial<CheckpointRecord>): Promise<CheckpointRecord>;
  scenario(name: Scenario): void;
  /** Integrity check and recovery plan; later steps carry the plan's hash. */
  plan(input?: Partial<StepInput>): Promise<{
    readonly findings: Findings;
    readonly planned: RecoveryPlanned;
    readonly plan: RecoveryPlan;
  }>;
  run<R extends StepResult>(act: ActBody<R>, input?: Partial<StepInput>): Promise<R>;
  close(): void;
}

export async function testRecovery(options: RoomOptions = {}): Promise<TestRecovery> {
  const test = await roomFor(options);
  const { repository, target } = test;
  const layout = test.room.layout;
  let plans: StepInput['plans'] = {};
  const at = (path: string) => (path.startsWith('/') ? path : join(repository, path));
  const json = <T>(name: string) => JSON.parse(readFileSync(join(test.room.rollback.planDir, name), 'utf8')) as T;
  const recovery: TestRecovery = {
    test,
    repository,
    git: (...args) => git(repository, ...args),
    write(path, content) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), content);
    },
    read: (path) => readFileSync(at(path), 'utf8'),
    async tag() {
      await git(repository, 'add', '.');
      await git(repository, 'commit', '-q', '-m', 'known good');
      await git(repository, 'tag', '-a', target.repository.checkpoint, '-m', 'known good');
      return git(repository, 'rev-parse', 'HEAD');
    },
    async seal(over = {}) {
      const { dir, record, dataDir, manifest } = layout.checkpoint('cp');
      const data: CheckpointData[] = [];
      for (const root of target.data) {
        const place = await locateRoot(test.room, root);
        if ('problem' in place) continue;
        const options = { manifest: manifest(root.name), beforeEffect: () => undefined };
        const { manifest: made } = await copyTree(place.path, dataDir(root.name), options);
        const { rootHash, contentHash, files, bytes } = made;
        const where = { copy: `data/${root.name}`, manifest: `manifests/${root.name}.jsonl` };
        const device = deviceOf(place.path);
        data.push({ root: root.name, kind: root.kind, ...where, rootHash, contentHash, files, bytes, device });
      }
      const ref = target.repository.checkpoint;
      const sealed: CheckpointRecord = {
        format: 1,
        id: 'cp',
        environment: target.environment,
        createdAt: new Date().toISOString(),
        by: 'test@localhost',
        targetHash: '',
        daemonId: '',
        machineId: '',
        ref,
        commit: await git(repository, 'rev-parse', `${ref}^{commit}`),
        tree: await git(repository, 'rev-parse', `${ref}^{tree}`),
        images: [],
        configuration: { file: '', sha256: '' },
        data,
        skills: [],
        baseline: null,
        ...over,
      };
      ensureDir(dir);
      writeFileSync(record, JSON.stringify(sealed));
      return sealed;
    },
    scenario(name) {
      writeFileSync(join(test.room.rollback.dir, 'request.json'), JSON.stringify({ scenario: name }));
    },
    async plan(input = {}) {
      if (input.mode !== 'emergency') await recovery.run(checkIntegrity, input);
      const planned = await recovery.run(planRecovery, input);
      plans = { recovery: planned.hash };
      const findings =
        input.mode === 'emergency' ? (undefined as unknown as Findings) : json<Findings>('findings.json');
      return { findings, planned, plan: json<RecoveryPlan>('recovery.json') };
    },
    async run(act, input = {}) {
      const room = await test.again({ key: `dataRecovery.${act.name}:${input.options?.root ?? ''}`, plans, ...input });
      const result = await act(room);
      room.ended(result.outcome, result.reason);
      return result;
    },
    close: () => test.close(),
  };
  await git(repository, 'init', '-q', '-b', 'main');
  recovery.scenario('data-corruption');
  return recovery;
}
