import type { Fault } from '../../../lab/faults.ts';
import type { JournalRecord } from '../../../vault/journal-record.ts';
import { contentOf } from '../support/content.ts';
import { expectRestored } from '../support/expect-restored.ts';
import { withPractice } from '../support/practice.ts';
import { type Broken, breakRollback } from './break-rollback.ts';
import type { KillPoint } from './kill-points.ts';
import { lookAfter, lookBefore, rootsOf, type Witness } from './witness.ts';

export interface Scene {
  readonly name: string;
  readonly fault: Fault;
  readonly command: readonly string[];
}

/** Full: data go back and git returns. Emergency: a container is replaced. Between them every destructive act. */
export const scenes: readonly Scene[] = [
  {
    name: 'full',
    fault: 'half-migration',
    command: ['start', '--scenario', 'data-corruption', '--reason', 'half a migration', '--yes', '--detach'],
  },
  { name: 'emergency', fault: 'bad-image', command: ['emergency', '--reason', 'a bad image', '--detach'] },
];

export interface Played extends Broken {
  readonly witness: Witness;
  readonly verdict: string;
  readonly records: readonly JournalRecord[];
}

/** Plays one rollback in a lab of its own, broken at the given moments; none: unbroken. */
export async function play(scene: Scene, points: readonly KillPoint[]): Promise<Played> {
  let played: Played | undefined;
  await withPractice({ until: 'stable' }, async (practice) => {
    const { lab } = practice;
    const known = contentOf(await rootsOf(lab));
    await lab.experimentUp();
    await lab.breakIt(scene.fault);
    const before = await lookBefore(practice, known);
    const started = await practice.rollback(...scene.command);
    if (started.code !== 0) throw new Error(`The rollback did not start:\n${started.text}`);
    const broken = await breakRollback(practice, points);
    const ended = await practice.rollback('watch');
    const judgement = expectRestored(practice, ended);
    const witness = await lookAfter(practice, before);
    if (witness.lost.length > 0) throw new Error(`Nothing is left of ${witness.lost.join(', ')}`);
    played = { ...broken, witness, verdict: judgement.verdict, records: practice.journal() };
  });
  if (played === undefined) throw new Error('The rollback was not played.');
  return played;
}
