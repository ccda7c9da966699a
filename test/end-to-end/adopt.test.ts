import { expect, it } from 'vitest';
import { chat } from '../../lab/ask.ts';
import { queries, rightAnswer } from '../../lab/content.ts';
import { readSafetyCopy } from '../../vault/safety-copy.ts';
import { expectRestored } from './support/expect-restored.ts';
import { loseServer } from './support/lose-server.ts';
import { withPractice } from './support/practice.ts';

it('goes on with a rollback whose Temporal database is gone in mid-restore, and ends in the exact checkpoint', async () => {
  await withPractice({}, async (practice) => {
    const { lab } = practice;
    await lab.breakIt('half-migration');
    const terminal = practice.beside(...start);
    await practice.journalHas(
      'the restore of a data root',
      (record) => record.kind === 'intent' && record.effect.kind === 'restore-data',
    );
    loseServer(practice);
    terminal.kill('SIGKILL');
    const { rollbackId, safetyDir } = practice.files();
    const first = readSafetyCopy(safetyDir);
    expect(first?.roots.map(({ name }) => name)).toContain('agent');

    const again = await practice.rollback(...start);
    expect(again.code, again.text).toBe(5);
    expect(again.text).toContain(`rollback adopt --rollback ${rollbackId}`);

    const judgement = expectRestored(practice, await practice.rollback('adopt'));
    expect(practice.files().rollbackId).toBe(rollbackId);
    expect(readSafetyCopy(safetyDir)).toEqual(first);
    const agent = judgement.data.find(({ root }) => root === 'agent');
    expect([agent?.differing, agent?.missing, agent?.extra]).toEqual([0, 0, 0]);
    expect((await chat(lab.ports.stable, queries.complex)).body).toEqual(rightAnswer(queries.complex));
    const epochs = practice.journal().map(({ epoch }) => epoch);
    expect(Math.max(...epochs)).toBeGreaterThan(Math.min(...epochs));

    const closed = await practice.rollback('adopt');
    expect(closed.code, closed.text).toBe(5);
  });
}, 400_000);

const start = ['start', '--scenario', 'data-corruption', '--reason', 'half a migration', '--yes'] as const;
