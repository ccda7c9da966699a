import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chat } from '../../lab/ask.ts';
import { queries, rightAnswer } from '../../lab/content.ts';
import { writeFileDurably } from '../../vault/durable-file.ts';
import type { JournalRecord } from '../../vault/journal-record.ts';
import { expectRestored } from './support/expect-restored.ts';
import { type Practice, withPractice } from './support/practice.ts';

const hourMs = 3_600_000;
const isIn = (step: string) => (record: JournalRecord) => record.step.startsWith(`dataRecovery.${step}`);

it('ends nothing early when the wall clock of worker and command jumps in the middle of a restore', async () => {
  await withPractice({}, async (practice) => {
    const clock = jumpingClock(practice);
    await practice.lab.breakIt('half-migration');
    // The worker that made the checkpoint has the clock of this machine.
    expect((await practice.rollback('down', '--force')).code).toBe(0);
    const command = ['--scenario', 'data-corruption', '--reason', 'half a migration', '--yes', '--detach'];
    const started = await practice.rollbackWith(clock.env, 'start', ...command);
    expect(started.code, started.text).toBe(0);
    const followed = practice.rollbackWith(clock.env, 'watch');

    await practice.journalHas('the safety copy', isIn('makeSafetyCopy'));
    clock.set('+3h');
    await practice.journalHas('the restore', isIn('restoreData'));
    clock.set('-2h');
    await practice.journalHas('the start of the stable system', isIn('startStableOnPins'));
    clock.set('+1h');

    const judgement = expectRestored(practice, await followed);
    expect(judgement.data.map(({ differing, missing }) => [differing, missing])).toEqual(
      judgement.data.map(() => [0, 0]),
    );
    expect((await chat(practice.lab.ports.stable, queries.complex)).body).toEqual(rightAnswer(queries.complex));
    expect(endsOf(practice, 'dataRecovery').filter(([, result]) => !good.includes(result))).toEqual([]);
    expect(endsOf(practice, 'documentation').filter(([, result]) => !good.includes(result))).toEqual([]);
    // The worker's clock did jump, both ways.
    const offsets = practice.journal().map(({ at }) => (Date.parse(at) - Date.now()) / hourMs);
    expect(Math.max(...offsets)).toBeGreaterThan(2);
    expect(Math.min(...offsets)).toBeLessThan(-1);
  });
}, 400_000);

const good: readonly string[] = ['done', 'already-done', 'skipped'];

/** How each step of a phase ended at last; on a busy machine an attempt may be given up before. */
function endsOf(practice: Practice, phase: string): readonly (readonly [string, string])[] {
  const closes = practice.journal().filter((record) => record.kind === 'close');
  return [...new Map(closes.map(({ step, result }) => [step, result]))].filter(([step]) =>
    step.startsWith(`${phase}.`),
  );
}

/** libfaketime, as it is told while a process runs; what counts time without the wall clock is left alone. */
function jumpingClock({ lab }: Practice) {
  const file = join(lab.folder, 'clock');
  const set = (offset: string): void => writeFileDurably(file, `${offset}\n`);
  set('+0h');
  return {
    set,
    env: {
      LD_PRELOAD: execFileSync('faketime', ['-f', '+0h', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
  };
}
