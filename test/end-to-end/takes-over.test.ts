import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chat } from '../../lab/ask.ts';
import { queries, rightAnswer } from '../../lab/content.ts';
import { pollUntil } from '../support/poll.ts';
import { endingsOf } from './support/engine-events.ts';
import { expectRestored } from './support/expect-restored.ts';
import { type Practice, withPractice } from './support/practice.ts';

const why = ['--reason', 'it cannot wait any longer'] as const;

it('refuses a stranger to a system that is held, and lets the emergency path take it over while a question waits', async () => {
  await withPractice({}, async (practice) => {
    const { lab, events } = practice;
    await lab.breakIt('bad-image');
    const started = ['start', '--scenario', 'service-disruption', '--reason', 'the first one', '--detach'];
    expect((await practice.rollback(...started)).code).toBe(0);
    await pollUntil(
      'the question about the plan',
      () => practice.rollback('status', '--json'),
      ({ code }) => code === 8,
    );

    const stable = Object.values(await lab.containers()).filter(({ state }) => state === 'running');
    const already = events.seen.length;
    const stranger = await asStranger(practice, ...['start', '--scenario', 'service-disruption', '--yes', ...why]);
    expect(stranger.code, stranger.text).toBe(5);
    expect(stranger.text).toContain('the first one');
    expect(stranger.text).toContain(practice.environment);
    expect(
      endingsOf(
        events.seen.slice(already),
        stable.map(({ id }) => id),
      ),
    ).toEqual([]);

    const ended = await practice.rollback('emergency', ...why);
    expectRestored(practice, ended);
    expect((await chat(lab.ports.stable, queries.basic)).body).toEqual(rightAnswer(queries.basic));
    expect((await lab.containers()).stable?.imageId).toBe(lab.entry().images?.stable);
  });
}, 300_000);

it('ends a step that hangs, with its children, when the emergency path takes over', async () => {
  await withPractice({}, async (practice) => {
    const { lab } = practice;
    const seconds = `${97_000 + (process.pid % 1_000)}`;
    const target = readFileSync(lab.targetFile, 'utf8');
    expect(target).toContain('./scripts/monitor-performance.sh');
    const hanging = target
      .replace('./scripts/monitor-performance.sh', '/bin/sleep')
      .replace('- --duration', `- "${seconds}"`);
    writeFileSync(lab.targetFile, hanging.replace('timeout: 20s', 'timeout: 5m'));
    const first = practice.beside('start', '--scenario', 'service-disruption', '--reason', 'practice', '--yes');
    await pollUntil(
      'the script that hangs',
      () => sleeping(seconds),
      (pids) => pids.length > 0,
      120_000,
    );

    const ended = await practice.rollback('emergency', ...why);
    expect(sleeping(seconds)).toEqual([]);
    expectRestored(practice, ended);
    expect((await first.ended).code).toBe(ended.code);
    expect(Math.max(...practice.journal().map(({ epoch }) => epoch))).toBeGreaterThan(
      Math.min(...practice.journal().map(({ epoch }) => epoch)),
    );
  });
}, 300_000);

/** Somebody who calls the same system by another name and uses another server. */
async function asStranger(practice: Practice, ...args: readonly string[]) {
  const { lab, environment } = practice;
  const own = readFileSync(lab.targetFile, 'utf8');
  const state = join(lab.folder, 'state-of-a-stranger');
  writeFileSync(lab.targetFile, own.replace(`environment: ${environment}`, 'environment: somebody-else'));
  try {
    const ended = await practice.rollbackWith({ ROLLBACK_STATE_DIR: state }, ...args);
    await practice.rollbackWith({ ROLLBACK_STATE_DIR: state }, 'down', '--force');
    return ended;
  } finally {
    writeFileSync(lab.targetFile, own);
  }
}

/** Ids of the processes that sleep for so many seconds. */
function sleeping(seconds: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandOf(pid).startsWith(`/bin/sleep\0${seconds}\0`))
    .map(Number);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It ended between the two looks.
    return '';
  }
}
