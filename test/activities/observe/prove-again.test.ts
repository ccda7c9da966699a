import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeWorld } from '../../../activities/checks/judge-world.ts';
import { makeSafetyCopy } from '../../../activities/data/make-safety-copy.ts';
import { restoreData } from '../../../activities/data/restore-data.ts';
import type { Room } from '../../../activities/kernel/room.ts';
import { proveAgain } from '../../../activities/observe/prove-again.ts';
import type { Judgement } from '../../../contract/records.ts';
import { rollbackFiles } from '../../../vault/layout.ts';
import { type TestContainers, testContainers } from '../support/containers.ts';
import { type TestRecovery, testRecovery } from '../support/recovery.ts';

let made: TestContainers;
let test: TestRecovery;
let server: Server;

beforeEach(async () => {
  made = await testContainers();
  server = createServer((_, response) => response.end('{"status":"healthy"}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
  test = await testRecovery({
    target: {
      compose: { project: made.tag },
      data: [{ kind: 'path', name: 'data', path: 'data', checks: [{ kind: 'json', files: ['**/*.json'] }] }],
      health: { url, soak: { answers: 1, over: '100ms' } },
    },
  });
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await made.removeAll();
  test.close();
});

/** As `observeHost` makes it: report and evidence in a folder of its own. */
function observation(name: string): Room {
  const dir = join(test.test.room.layout.root, 'observations', name);
  mkdirSync(dir, { recursive: true });
  return { ...test.test.room, rollback: rollbackFiles(dir, name) };
}

/** A rollback whose corrupt data were put back, judged. */
async function rolledBack(): Promise<Judgement> {
  await made.make({ labels: { 'com.docker.compose.project': made.tag, 'com.docker.compose.service': 'stable' } });
  test.write('app.js', 'one');
  test.write('data/state.json', '{"well":true}');
  test.write('data/other.json', '{}');
  await test.tag();
  await test.seal();
  test.write('data/state.json', '{"well":');
  const { plan } = await test.plan();
  expect(plan.roots).toMatchObject([{ root: 'data', action: 'put-back' }]);
  await test.run(makeSafetyCopy);
  await test.run(restoreData, { options: { root: 'data' } });
  await test.run(judgeWorld);
  return JSON.parse(readFileSync(join(test.test.room.rollback.reportDir, 'judgement.json'), 'utf8')) as Judgement;
}

describe('the proof of a rollback', () => {
  it('has counts, hashes and places of every data root, and commit and tree with the recorded ones', async () => {
    const { data, git } = await rolledBack();
    const { safetyDir } = test.test.room.rollback;
    const commit = await test.git('rev-parse', 'known-good^{commit}');
    const tree = await test.git('rev-parse', 'known-good^{tree}');
    expect(data).toMatchObject([{ root: 'data', compared: 3, equal: 3, differing: 0, missing: 0, extra: 0 }]);
    expect(data[0]?.checkpointHash).toBe(data[0]?.rootHash);
    expect(data[0]?.keptAt?.[0]).toBe(join(safetyDir, 'data/data'));
    for (const place of data[0]?.keptAt ?? []) {
      const names = readdirSync(place, { recursive: true }) as string[];
      const kept = names
        .filter((name) => name.endsWith('state.json'))
        .map((name) => readFileSync(join(place, name), 'utf8'));
      expect(kept).toContain('{"well":');
    }
    expect(data[0]?.keptAt?.length).toBeGreaterThanOrEqual(2);
    expect(git).toMatchObject({ head: commit, tree, expected: { commit, tree } });
  });

  it('made again says what has changed since, and leaves the judgement and its evidence as they were', async () => {
    const { verdict } = await rolledBack();
    const { rollbackId, reportDir, evidenceDir } = test.test.room.rollback;
    const read = () =>
      [reportDir, evidenceDir].flatMap((dir) =>
        readdirSync(dir, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8')]),
      );
    const left = read();

    const same = await proveAgain(observation('one'), rollbackId);
    expect(same).toMatchObject({
      rollbackId,
      checkpoint: { id: 'cp' },
      before: { verdict },
      now: { verdict },
      changed: [],
    });

    test.write('data/other.json', '{"changed":true}');
    test.write('app.js', 'two');
    await test.git('commit', '-q', '-m', 'later', 'app.js');
    const later = await proveAgain(observation('two'), rollbackId);
    expect(later.changed).toEqual([
      expect.stringContaining('the verdict is failed'),
      expect.stringMatching(/^data-present is fail, and was pass/),
      expect.stringMatching(/^git-clean is fail, and was pass/),
      expect.stringContaining('the data of data changed: 2 equal, 1 differing'),
      expect.stringContaining('HEAD is'),
    ]);
    expect(read()).toEqual(left);
  });

  it('of a rollback that is not there is refused', async () => {
    await expect(proveAgain(observation('one'), 'another')).rejects.toMatchObject({ kind: 'refused' });
  });
});
