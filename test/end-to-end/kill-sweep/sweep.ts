import { describe, expect, it } from 'vitest';
import { atATime } from '../support/at-a-time.ts';
import { differences } from '../support/differences.ts';
import { boundariesOf, intoRollbacks, type KillPoint, randomPoints, tellPoint } from './kill-points.ts';
import { sweepOptions } from './options.ts';
import { type Played, play, type Scene, scenes } from './scenes.ts';
import { seeded } from './seeded.ts';

/**
 * The kill sweep (`npm run test:kill`): a rollback that nobody disturbs shows its boundaries and what it does to the
 * world; then rollbacks are broken at these boundaries and at random moments, and must do the same to the world.
 */
const options = sweepOptions(process.env);
/** Random moments beside every boundary. */
const randomKills = 12;

describe.each(scenes.filter(({ name }) => options.scene === null || options.scene === name))('$name', (scene) => {
  it('ends the same whenever its worker is killed, and destroys nothing twice', async () => {
    tell(`${scene.name}: seed ${options.seed}, ${options.count ?? 'all'} kills, ${options.labs} labs at a time`);
    const unbroken = await play(scene, []);
    const points = pointsOf(unbroken);
    const rollbacks = intoRollbacks(points, options.labs);
    tell(`${scene.name}: ${points.length} moments in ${rollbacks.length} rollbacks`);
    const faults: string[] = [];
    await atATime(options.labs, rollbacks, async (moments, index) => {
      faults.push(
        ...(await breakAndCompare(scene, moments, unbroken)).map((fault) => `rollback ${index + 1}: ${fault}`),
      );
    });
    tell(`${scene.name}: ${points.length} moments, ${faults.length} faults`);
    expect(faults).toEqual([]);
  });
});

function pointsOf({ records }: Played): readonly KillPoint[] {
  const random = seeded(options.seed);
  const boundaries = boundariesOf(records);
  if (options.count === null) {
    return [...random.shuffle(boundaries), ...randomPoints(records, randomKills, random)];
  }
  const atRandom = randomPoints(records, Math.floor(options.count / 3), random);
  return [...random.shuffle(boundaries).slice(0, options.count - atRandom.length), ...atRandom];
}

/** @returns what is not as in the unbroken rollback */
async function breakAndCompare(
  scene: Scene,
  moments: readonly KillPoint[],
  unbroken: Played,
): Promise<readonly string[]> {
  const aimed = moments.map(tellPoint);
  try {
    const { kills, missed, witness } = await play(scene, moments);
    for (const { point, last } of kills) tell(`  ${tellPoint(point)}: died after ${last.step} ${last.kind}`);
    for (const point of missed) tell(`  ${tellPoint(point)}: this rollback had no such moment`);
    const differing = differences(unbroken.witness, witness);
    if (differing.length === 0) return [];
    throw new Error(`not as in the unbroken rollback: ${differing.join('; ')}`);
  } catch (error) {
    const fault = `killed at ${aimed.join(', ')}: ${error instanceof Error ? error.message : String(error)}`;
    tell(`  FAULT ${fault}`);
    return [fault];
  }
}

/** Straight to the terminal: a sweep lasts, and each kill is told when it is over. */
function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
