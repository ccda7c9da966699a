import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { captureDefinitions, type DefinitionSnapshot } from '../../../activities/evidence/capture-definitions.ts';
import { recordStableState } from '../../../activities/evidence/record-stable-state.ts';
import { type TestSystems, testSystems } from '../support/systems.ts';

let systems: TestSystems;

afterEach(() => systems.close());

function write(name: string, content: string): string {
  const path = join(systems.test.repository, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

describe('definitions', () => {
  it('are kept by hash with what they name, before they change; the first snapshot stands', async () => {
    systems = await testSystems({ target: { scripts: { agentStatus: { command: ['./scripts/status.sh'] } } } });
    const { snapshotDir } = systems.test.room.rollback;
    const compose = write(
      'docker-compose.yml',
      'version: "3.8"\nservices: {stable: {image: a, env_file: [secret.env]}}\n',
    );
    const env = write('secret.env', 'KEY=s3cret\n');
    const implied = write('.env', 'IMPLIED=1\n');
    const script = write('scripts/status.sh', '#!/bin/sh\n');

    const result = await systems.run(captureDefinitions);

    const read = () => JSON.parse(readFileSync(join(snapshotDir, 'index.json'), 'utf8')) as DefinitionSnapshot;
    const before = read();
    expect(before.files.map(({ role, path }) => [role, path])).toEqual(
      expect.arrayContaining([
        ['compose', compose],
        ['env', env],
        ['env', implied],
        ['script', script],
      ]),
    );
    for (const { path, role, sha256 } of before.files) {
      if (role === 'effective') continue;
      expect(readFileSync(join(snapshotDir, sha256))).toEqual(readFileSync(path));
    }
    expect(before.missing).toContainEqual(
      expect.objectContaining({ path: expect.stringContaining('docker-compose.experiment.yml') }),
    );
    expect(result).toMatchObject({ outcome: 'done', reason: expect.stringContaining('docker-compose.experiment.yml') });

    rmSync(compose);
    expect(await systems.run(captureDefinitions)).toMatchObject({ outcome: 'already-done' });
    expect(read()).toEqual(before);
  });

  it('hold what compose makes of them, where compose can', async () => {
    systems = await testSystems();
    write('docker-compose.yml', 'version: "3.8"\nservices: {stable: {image: "img:$WHICH"}}\n');
    write('.env', 'WHICH=resolved\n');
    await systems.run(captureDefinitions);
    const { snapshotDir } = systems.test.room.rollback;
    const { files } = JSON.parse(readFileSync(join(snapshotDir, 'index.json'), 'utf8')) as DefinitionSnapshot;
    const effective = files.filter(({ role }) => role === 'effective');
    expect(effective).toHaveLength(1);
    expect(readFileSync(join(snapshotDir, effective[0]?.sha256 ?? ''), 'utf8')).toContain('img:resolved');
  });
});

describe('the state of the stable system', () => {
  it('is recorded with locks and script of the agents, whatever they are like', async () => {
    systems = await testSystems({
      target: {
        agents: { lockFiles: ['locks/*.json'] },
        scripts: { agentStatus: { command: ['./scripts/status.sh'] } },
      },
    });
    write('locks/good.json', '{}');
    write('locks/bad.json', '{');
    chmodSync(write('scripts/status.sh', '#!/bin/sh\necho two agents; exit 3\n'), 0o755);
    const stable = await systems.service('stable');

    const result = await systems.run(recordStableState);

    expect(result).toMatchObject({
      outcome: 'done',
      figures: { containers: 1, running: 1, missing: 1, lockFiles: 2, badLockFiles: 1 },
    });
    expect(result.reason).toContain('No container for store');
    expect(result.reason).toContain('exit code 3');
    const { evidenceDir } = systems.test.room.rollback;
    expect(JSON.parse(readFileSync(join(evidenceDir, 'stable-state.json'), 'utf8'))).toMatchObject({
      containers: [{ service: 'stable', id: stable, state: 'running' }],
      missing: ['store'],
      agents: { status: 'fail', badLockFiles: 1 },
    });
    expect(readFileSync(join(evidenceDir, 'scripts-before', 'agentStatus.txt'), 'utf8')).toContain('two agents');
    await systems.test.world.docker.kill(stable);
    expect(await systems.run(recordStableState)).toMatchObject({ outcome: 'already-done' });
  });
});
