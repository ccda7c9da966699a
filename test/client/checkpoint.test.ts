import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PruneRequest } from '../../contract/checkpoint.ts';
import type { CheckpointRecord } from '../../contract/records.ts';
import { copyTree } from '../../vault/copy-tree.ts';
import { environmentLayout } from '../../vault/layout.ts';
import { releaseLock, takeLock } from '../../vault/lock.ts';
import { scriptedActs } from '../support/scripted-acts.ts';
import { built, type Desk, withDesk } from './support/command.ts';

beforeAll(built, 300_000);

/** No server is configured, and the embedded one of this state folder does not run. */
const alone = { TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined };

/** A sealed checkpoint in the desk's state folder, with a real copy. @returns the folder of the copy */
async function seal(desk: Desk, id: string, day: number): Promise<string> {
  const { dir, dataDir, manifest, record } = environmentLayout(desk.stateRoot, desk.environment).checkpoint(id);
  const source = join(desk.folder, 'agent');
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'state.json'), '{"well":true}');
  const options = { manifest: manifest('agent'), beforeEffect: () => undefined };
  const { manifest: made } = await copyTree(source, dataDir('agent'), options);
  writeFileSync(join(dir, 'configuration.yaml'), 'services: {}\n');
  const sealed: CheckpointRecord = {
    format: 1,
    id,
    environment: desk.environment,
    createdAt: `2026-01-0${day}T00:00:00.000Z`,
    by: 'tester@here',
    targetHash: '',
    daemonId: '',
    machineId: '',
    ref: 'v1',
    commit: 'c'.repeat(40),
    tree: 'd'.repeat(40),
    images: [{ service: 'stable', image: `sha256:${'a'.repeat(64)}`, reference: 'x', heldBy: 'y', configHash: null }],
    configuration: {
      file: 'configuration.yaml',
      sha256: createHash('sha256').update('services: {}\n').digest('hex'),
    },
    data: [
      {
        root: 'agent',
        kind: 'path',
        copy: 'data/agent',
        manifest: 'manifests/agent.jsonl',
        rootHash: made.rootHash,
        contentHash: made.contentHash,
        files: made.files,
        bytes: made.bytes,
      },
    ],
    skills: ['search'],
    baseline: {
      at: '2026-01-01T00:00:00.000Z',
      samples: 20,
      responseTimeMs: { median: 41, spread: 7 },
      memoryBytes: { median: 1024, spread: 512 },
      cpuPercent: { median: 2, spread: 0.5 },
      errorRate: 0,
      logErrorsPerMinute: 0,
    },
  };
  writeFileSync(record, JSON.stringify(sealed));
  return dataDir('agent');
}

describe('rollback checkpoint, with no server', () => {
  it('list tells seal, age, size, commit and images, also of what was never sealed or cannot be read', async () => {
    await withDesk(async (desk) => {
      await seal(desk, 'good', 1);
      const layout = environmentLayout(desk.stateRoot, desk.environment);
      mkdirSync(layout.checkpoint('half-made').dir, { recursive: true });
      mkdirSync(layout.checkpoint('torn').dir, { recursive: true });
      writeFileSync(layout.checkpoint('torn').record, '{"format":1,');
      const { stdout, code, stderr } = await desk.rollbackWith(alone, 'checkpoint', 'list', '--json');
      expect(code, stderr).toBe(0);
      const [good, half, torn] = JSON.parse(stdout).checkpoints;
      expect(good).toMatchObject({ id: 'good', state: 'sealed', commit: 'c'.repeat(40), bytesShared: 0 });
      expect(good.bytesOnDisk).toBeGreaterThan(0);
      expect(good.ageMs).toBeGreaterThan(0);
      expect(half).toMatchObject({ id: 'half-made', state: 'unsealed', ageMs: null });
      expect(torn).toMatchObject({ id: 'torn', state: 'damaged' });
      const text = (await desk.rollbackWith(alone, 'checkpoint', 'list')).stdout;
      expect(text).toMatch(
        /good {2}sealed .*, \d+ days ago, by tester@here\n.*v1 \(cccccccccccc\).*stable on aaaaaaaaaaaa/,
      );
      expect(text).toMatch(/half-made {2}never sealed/);
    });
  });

  it('show tells root hash, counts of the manifest and the baseline with its spread', async () => {
    await withDesk(async (desk) => {
      await seal(desk, 'good', 1);
      const { stdout } = await desk.rollbackWith(alone, 'checkpoint', 'show');
      expect(stdout).toContain('data agent (path): 1 file, 13 bytes');
      expect(stdout).toMatch(/root hash [0-9a-f]{64}\n +manifest: 2 entries, 1 folder/);
      expect(stdout).toContain('response time 41 ms ± 7 ms');
      expect((await desk.rollbackWith(alone, 'checkpoint', 'show', 'another')).code).toBe(9);
    });
  });

  it('verify proves every copy, and names what is damaged with another exit code', async () => {
    await withDesk(async (desk) => {
      const copy = await seal(desk, 'good', 1);
      await seal(desk, 'newer', 2);
      const sound = await desk.rollbackWith(alone, 'checkpoint', 'verify', '--all', '--json');
      expect(sound.code, sound.stderr).toBe(0);
      expect(JSON.parse(sound.stdout).checkpoints).toMatchObject([
        { id: 'good', sound: true, roots: [{ root: 'agent', compared: 2, equal: 2 }], configuration: 'as-recorded' },
        { id: 'newer', sound: true },
      ]);

      writeFileSync(join(copy, 'state.json'), '{"well":fals}');
      const damaged = await desk.rollbackWith(alone, 'checkpoint', 'verify', 'good');
      expect(damaged.code).toBe(1);
      expect(damaged.stdout).toMatch(/good is damaged on disk/);
      expect(damaged.stdout).toMatch(/2 paths compared: 1 equal, 1 differing, 0 missing, 0 extra/);
      expect(damaged.stdout).toMatch(/state\.json: content/);
      expect(readdirSync(join(copy, '..'))).toEqual(['agent']);
      expect((await desk.rollbackWith(alone, 'checkpoint', 'verify')).code).toBe(0);
    });
  });

  it('verify reads nothing while checkpoints are being pruned', async () => {
    await withDesk(async (desk) => {
      await seal(desk, 'good', 1);
      const key = createHash('sha256').update(desk.environment).digest('hex');
      const { environment, stateRoot: stateDir } = desk;
      const since = '2026-01-01T00:00:00.000Z';
      const who = {
        who: 'kim@here',
        host: 'here',
        since,
        why: 'disk full',
        server: 'test',
        composeProject: '',
        repository: '',
      };
      takeLock(key, { environment, stateDir, rollbackId: 'prune-1', ...who });
      try {
        const ended = await desk.rollbackWith(alone, 'checkpoint', 'verify');
        expect(ended.code).toBe(5);
        expect(ended.stderr).toContain('pruned by kim@here');
      } finally {
        releaseLock(key, 'prune-1');
      }
    });
  });
});

describe('rollback checkpoint prune', () => {
  it('shows what goes with its bytes, and frees nothing unless somebody agrees', async () => {
    await withDesk(async (desk) => {
      for (const [day, id] of ['a', 'b', 'c'].entries()) await seal(desk, id, day + 1);
      const acts = scriptedActs();
      const asked: PruneRequest[] = [];
      const pruneCheckpoints = async (request: PruneRequest) => {
        asked.push(request);
        return { pruned: request.ids.map((id) => ({ id, bytes: 4096, images: [], imagesInUse: [] })), kept: [] };
      };
      const released: string[] = [];
      const releasePrune = async ({ pruneId }: PruneRequest) => void released.push(pruneId);
      const activities = Object.assign(acts.activities, { pruneCheckpoints, releasePrune });
      await desk.withWorker({ ...acts, activities }, async () => {
        const refused = await desk.rollback('checkpoint', 'prune', '--keep', '1');
        expect(refused.code, refused.stderr).toBe(5);
        expect(refused.stdout).toMatch(/free {2}a {2}.* of its own: older/);
        expect(refused.stdout).toMatch(/keep {2}c {2}.*the newest/);
        expect(asked).toEqual([]);

        const done = await desk.rollback('checkpoint', 'prune', '--keep', '1', '--yes', '--json');
        expect(done.code, done.stderr).toBe(0);
        const told = JSON.parse(done.stdout);
        expect(told.pruned.map(({ id }: { id: string }) => id)).toEqual(['a', 'b']);
        expect(told.frees).toBe(told.fates[0].bytes + told.fates[1].bytes);
        expect(asked).toMatchObject([{ ids: ['a', 'b'], keep: 1 }]);
        expect(released).toEqual([asked[0]?.pruneId]);
      });
      expect((await desk.rollback('checkpoint', 'prune', '--keep', 'none')).code).toBe(2);
    });
  });
});
