import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { containExperiment } from '../../../activities/containers/contain-experiment.ts';
import { captureContainerState } from '../../../activities/evidence/capture-container-state.ts';
import { captureDoomedContainers } from '../../../activities/evidence/capture-doomed-containers.ts';
import type { WholeContainer } from '../../../activities/evidence/capture-whole.ts';
import { redact } from '../../../activities/evidence/redact.ts';
import { until } from '../support/containers.ts';
import { type TestSystems, testSystems } from '../support/systems.ts';

let systems: TestSystems;

beforeEach(async () => {
  systems = await testSystems();
});
afterEach(() => systems.close());

const folder = (name: string) => join(systems.test.room.rollback.evidenceDir, name);

describe('the state of the containers', () => {
  it('is kept for both systems, paused ones as well, raw for the owner and redacted for others', async () => {
    const script = "require('fs').writeFileSync('/tmp/made', 'x')";
    const labels = { 'app.api-key': 'label-secret' };
    const id = await systems.service('experiment', { name: `${systems.made.tag}-e`, script, labels });
    await systems.service('stable', { started: false });
    await systems.plan();
    await until('the file', async () => JSON.stringify(await systems.test.world.docker.changes(id)).includes('made'));
    await systems.run(containExperiment);

    const result = await systems.run(captureContainerState);

    expect(result).toMatchObject({ outcome: 'done', figures: { containers: 2, fresh: 2, partly: 0 } });
    const file = folder(`containers/${systems.made.tag}-e-${id.slice(0, 12)}.json`);
    const raw = JSON.parse(readFileSync(file, 'utf8'));
    expect(raw).toMatchObject({ system: 'experiment', state: 'paused', inspect: { Id: id } });
    expect(raw.stats.memoryBytes).toBeGreaterThan(1_000_000);
    expect(raw.processes.Processes).toHaveLength(1);
    expect(raw.changedFiles).toContainEqual({ Path: '/tmp/made', Kind: 1 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const shareable = readFileSync(file.replace('.json', '.shareable.json'), 'utf8');
    expect(shareable).not.toContain('label-secret');
    expect(readFileSync(file, 'utf8')).toContain('label-secret');
    expect(readdirSync(folder('containers'))).toHaveLength(4);
    expect(await systems.run(captureContainerState)).toMatchObject({ outcome: 'already-done' });
  });
});

describe('redaction', () => {
  it('takes out values of variables, options, addresses and labels, and leaves the rest', () => {
    const inspect = {
      Config: {
        Env: ['PATH=/bin', 'API_KEY=s3cret'],
        Cmd: ['serve', '--password', 's3cret', '--api-key=s3cret', '--port', '80'],
        Labels: { 'a.token': 's3cret', plain: 'kept' },
      },
      Processes: [['42', 'serve --token s3cret --port 80 postgres://me:s3cret@host/db']],
      State: { Status: 'paused', Pid: 7 },
    };
    const text = JSON.stringify(redact(inspect));
    expect(text).not.toContain('s3cret');
    for (const rest of ['API_KEY=', '--password', '--port', '"80"', 'kept', 'paused', '@host/db']) {
      expect(text).toContain(rest);
    }
  });
});

describe('a container that its stop deletes', () => {
  it('is kept whole while it is paused: log, layer and the volume that nobody named', async () => {
    const script =
      "require('fs').writeFileSync('/tmp/layer', 'x'); require('fs').writeFileSync('/data/volume', 'forty-two'); console.log('spoken')";
    const id = await systems.service('experiment', {
      name: `${systems.made.tag}-doomed`,
      script,
      host: { AutoRemove: true, Mounts: [{ Type: 'volume', Target: '/data', Source: '' }] },
    });
    await systems.service('cache');
    await until('its files', async () => JSON.stringify(await systems.test.world.docker.changes(id)).includes('layer'));
    await systems.plan();
    await systems.run(containExperiment);

    const result = await systems.run(captureDoomedContainers);

    const file = folder(`doomed/${systems.made.tag}-doomed-${id.slice(0, 12)}.json`);
    const whole = JSON.parse(readFileSync(file, 'utf8')) as WholeContainer;
    systems.made.later(() => systems.made.engine.getImage(whole.image.reference).remove());
    expect(result).toMatchObject({ outcome: 'done', figures: { doomed: 1, fresh: 1, volumes: 1 } });
    expect(await systems.stateOf(id)).toBe('paused');
    expect(whole.image.reference).toMatch(/^durable-rollback\/test:/);
    expect(await systems.test.world.docker.imageId(whole.image.reference)).toBe(whole.image.id);
    expect(readFileSync(whole.log ?? '', 'utf8')).toContain('spoken');
    expect(readFileSync(whole.anonymousVolumes[0]?.archive?.file ?? '', 'latin1')).toContain('forty-two');
    expect(await systems.run(captureDoomedContainers)).toMatchObject({ outcome: 'already-done' });
  });
});
