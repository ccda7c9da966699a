import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ChangesReport } from '../../contract/changes.ts';
import { scriptedActs } from '../support/scripted-acts.ts';
import { built, withDesk } from './support/command.ts';

beforeAll(built, 300_000);

const report: ChangesReport = {
  kind: 'changes',
  at: '2026-01-05T00:00:00.000Z',
  checkpoint: { id: 'cp', ref: 'v1', commit: 'c'.repeat(40), createdAt: '2026-01-01T00:00:00.000Z' },
  commits: {
    found: {
      head: 'a'.repeat(40),
      branch: 'main',
      operation: 'merge',
      ahead: 1,
      behind: 0,
      list: [{ commit: 'a'.repeat(40), at: '2026-01-02T00:00:00.000Z', subject: 'the experiment' }],
      differing: 1,
      sample: ['app.js changes'],
    },
  },
  images: {
    found: [
      {
        service: 'web',
        recorded: `sha256:${'1'.repeat(64)}`,
        now: `sha256:${'2'.repeat(64)}`,
        what: 'other-image',
        state: 'running',
      },
    ],
  },
  configuration: { found: [{ service: 'web', key: 'environment.TOKEN', what: 'changed' }] },
  experiment: { problem: 'Docker did not answer' },
  data: [
    {
      root: 'agent',
      kind: 'path',
      changes: {
        found: {
          equal: 9,
          differing: 1,
          missing: 2,
          extra: 3,
          bytes: 2048,
          changedSince: '2026-01-02T00:00:00.000Z',
          changedUntil: '2026-01-03T00:00:00.000Z',
          days: [{ day: '2026-01-02', files: 4, bytes: 2048 }],
        },
      },
    },
  ],
};

describe('rollback changes', () => {
  it('asks the worker on the host and shows every part, also the one that could not be looked at', async () => {
    await withDesk(async (desk) => {
      const acts = scriptedActs();
      const asked: { kind: string }[] = [];
      const observeHost = async (request: { kind: string }) => {
        asked.push(request);
        return report;
      };
      const activities = Object.assign(acts.activities, { observeHost });
      await desk.withWorker({ ...acts, activities }, async () => {
        const { stdout, code, stderr } = await desk.rollback('changes');
        expect(code, stderr).toBe(0);
        expect(asked).toMatchObject([{ kind: 'changes', environment: desk.environment }]);
        expect(stdout).toMatch(/HEAD is aaaaaaaaaaaa \(main\): 1 commit more, 0 fewer\n +a merge is in progress/);
        expect(stdout).toContain('web on 222222222222 instead of 111111111111 (running)');
        expect(stdout).toContain('web: environment.TOKEN changed');
        expect(stdout).toContain('? Docker did not answer');
        expect(stdout).toMatch(
          /agent: 9 equal, 1 differing, 2 missing, 3 extra, 2.0 KiB, changed from .*\n +2026-01-02 {2}4 paths/,
        );
        const json = JSON.parse((await desk.rollback('changes', '--json')).stdout);
        expect(json).toMatchObject({ environment: desk.environment, ...report, exitCode: 0 });
      });
    });
  });

  it('with no server compares what can be seen from here and names the rest', async () => {
    await withDesk(async (desk) => {
      writeFileSync(join(desk.folder, 'x'), '');
      const alone = { TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined };
      const { stdout, stderr, code } = await desk.rollbackWith(alone, 'changes', '--json');
      expect(code, stderr).toBe(0);
      expect(stderr).toContain('Only what can be seen from here');
      const told = JSON.parse(stdout) as ChangesReport;
      expect(told.checkpoint.id).toBeNull();
      for (const part of [told.commits, told.images, told.configuration, told.experiment])
        expect(part).toMatchObject({ problem: expect.stringContaining('not looked at from here') });
      expect(told.data.length).toBeGreaterThan(0);
      expect(told.data[0]).toMatchObject({ changes: { problem: expect.stringContaining('no checkpoint') } });
    });
  });
});
