import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { ask, chat } from '../../lab/ask.ts';
import { queries } from '../../lab/content.ts';
import { startRouter } from '../../lab/router.ts';
import { endingsOf } from './support/engine-events.ts';
import { withPractice } from './support/practice.ts';

it('limits a greedy experiment until the stable system answers as before, and stops nobody', async () => {
  await withPractice({}, async (practice) => {
    const { lab, events } = practice;
    await lab.breakIt('greedy-experiment');
    const before = await lab.containers();
    const already = events.seen.length;

    const ended = await practice.rollback('start', '--scenario', 'performance-only', '--reason', 'slow', '--wait');

    expect(ended.text).toContain('restored');
    expect([0, 3]).toContain(ended.code);
    const items = new Map(practice.judgement().items.map(({ id, status }) => [id, status]));
    expect(items.get('load-reduced')).toBe('pass');
    expect(items.get('experiment-runs')).toBe('pass');
    expect(items.get('experiment-out')).toBe('not-applicable');
    const after = await lab.containers();
    expect(after).toEqual(before);
    const ids = Object.values(before).map(({ id }) => id);
    expect(endingsOf(events.seen.slice(already), ids)).toEqual([]);
    for (const role of ['experiment', 'cache', 'indexer', 'byHand'] as const) {
      const { HostConfig } = await lab.docker.getContainer(before[role]?.id ?? '').inspect();
      expect(HostConfig.CpuQuota, role).toBe(50_000);
      expect(HostConfig.Memory, role).toBe(512 * 1024 ** 2);
    }
    const { status } = await chat(lab.ports.stable, queries.basic);
    expect(status).toBe(200);
    const owed = practice.journal().filter(({ kind }) => kind === 'obligation');
    expect(owed).toHaveLength(5);
  });
}, 600_000);

it('switches the experiment off the path of the traffic, and names who mends it', async () => {
  await withPractice({}, async (practice) => {
    const { lab, events } = practice;
    await startRouter(lab);
    const systems = async () => {
      const answers = await Promise.all([1, 2, 3, 4].map(() => ask(lab.ports.router, 'GET', '/health')));
      return new Set(answers.map(({ body }) => (body as { readonly system?: string }).system));
    };
    expect(await systems()).toEqual(new Set(['smp', 'openviking']));
    const before = await lab.containers();
    const already = events.seen.length;

    const ended = await practice.rollback('start', '--scenario', 'api-issues', '--reason', 'its API fails', '--wait');

    expect(ended.text).toContain('restored');
    expect([0, 3]).toContain(ended.code);
    expect(await systems()).toEqual(new Set(['smp']));
    const config: unknown = JSON.parse(readFileSync(join(lab.repository, 'openviking', 'config.json'), 'utf8'));
    expect(config).toMatchObject({ mode: 'off', cache: expect.stringContaining('openviking-cache') });
    expect(await lab.containers()).toEqual(before);
    const ids = Object.values(before).map(({ id }) => id);
    expect(endingsOf(events.seen.slice(already), ids)).toEqual([]);
    const items = new Map(practice.judgement().items.map(({ id, status }) => [id, status]));
    expect(items.get('traffic-to-stable')).toBe('pass');
    const report = readFileSync(join(practice.files().reportDir, 'incident-report.md'), 'utf8');
    expect(report).toContain('(owner: the developers of OpenViking)');
    expect(report).toContain('Take the switch router back');
  });
}, 600_000);

it('puts only the data of a bad migration back, and runs it again once it is mended', async () => {
  await withPractice({}, async (practice) => {
    const { lab } = practice;
    const skill = join(lab.repository, '.agent', 'skills');
    const contents = async () => {
      const { stdout } = await execa('find', [skill, '-name', 'skill.json', '-exec', 'sha256sum', '{}', '+']);
      return stdout.split('\n').sort();
    };
    const original = await contents();
    const before = await lab.containers();
    const head = (await execa('git', ['rev-parse', 'HEAD'], { cwd: lab.repository })).stdout;
    await execa(process.execPath, ['openviking/migrate.mjs'], { cwd: lab.repository });
    expect((await ask(lab.ports.stable, 'GET', '/health')).status).toBe(503);

    const swapped = await practice.rollback('start', '--scenario', 'data-migration', '--reason', 'no skills', '--yes');
    expect(swapped.code, swapped.text).toBe(8);
    expect(await contents()).toEqual(original);
    for (const port of [lab.ports.stable, lab.ports.experiment]) {
      expect((await ask(port, 'GET', '/health')).status).toBe(200);
    }
    expect(await lab.containers()).toEqual(before);

    expect((await practice.rollback('answer', 'fixed')).code).toBe(0);
    const refused = await practice.rollback('watch', '--json');
    expect(refused.code, refused.text).toBe(8);
    expect(refused.text).toContain('was not run');
    expect(await contents()).toEqual(original);

    const file = join(lab.repository, 'openviking', 'migrate.mjs');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace("{ ...rest, format: 'openviking/2', title }", '{ name: title, ...rest, title }'));
    expect((await practice.rollback('answer', 'fixed')).code).toBe(0);
    const ended = await practice.rollback('watch');
    expect([0, 3], ended.text).toContain(ended.code);
    expect((await ask(lab.ports.stable, 'GET', '/health')).status).toBe(200);
    expect(await contents()).not.toEqual(original);
    const items = new Map(practice.judgement().items.map(({ id, status }) => [id, status]));
    expect(items.get('data-present')).toBe('pass');
    expect(items.get('experiment-runs')).toBe('pass');
    expect((await execa('git', ['rev-parse', 'HEAD'], { cwd: lab.repository })).stdout).toBe(head);
    expect(await lab.containers()).toEqual(before);
  });
}, 600_000);
