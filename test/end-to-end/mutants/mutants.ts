import { beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { StepName } from '../../../runbook/steps.ts';
import { quietRuntime } from '../../support/workflow-bundle.ts';
import { atATime } from '../support/at-a-time.ts';
import { differences } from '../support/differences.ts';
import { type After, playMutant } from './play-mutant.ts';
import { actsUnderTest, type MutantScene, mutantScenes, sceneOf } from './scenes.ts';

/**
 * Mutants of the acts (`npm run test:mutants`): a worker whose one act only says that it was done. What is there after
 * its rollback must differ from what the whole worker leaves, in the world, in what was kept, or in the verdict.
 */
const options = z
  .strictObject({ only: z.array(z.string()), labs: z.int().positive() })
  .parse(JSON.parse(process.env['MUTANTS'] ?? '{"only":[],"labs":3}'));
const acts = actsUnderTest.filter((act) => options.only.length === 0 || options.only.includes(act));

/** Acts whose lack nothing shows at the end, each with the reason why that is no hole. */
const survivors: Readonly<Partial<Record<StepName, string>>> = {
  captureDoomedContainers: 'stopExperiment keeps such a container itself before it stops it',
  verifyExperimentStopped: 'the watch and the judgement look for themselves',
  startStable: 'the recovery plan starts what does not run: later, but before the verdict',
};

beforeAll(quietRuntime);

it('an act that does nothing is caught, whichever it is', async () => {
  const scenes = mutantScenes.filter((scene) => acts.some((act) => sceneOf(act) === scene));
  const whole = new Map<MutantScene, After>();
  for (const scene of scenes) {
    // A second whole worker must leave nothing else, or a difference would show nothing.
    const [first, second] = await Promise.all([playMutant(scene, null), playMutant(scene, null)]);
    expect(differences(first, second), `two whole runs of ${scene.name} differ`).toEqual([]);
    tell(`${scene.name}: two whole runs leave the same; verdict ${first.verdict}`);
    whole.set(scene, first);
  }
  const alive: StepName[] = [];
  await atATime(options.labs, acts, async (act) => {
    const caught = await whatCaught(act, whole);
    const why = survivors[act] === undefined ? 'SURVIVES' : `survives, known: ${survivors[act]}`;
    tell(`${act} (${sceneOf(act).name}): ${caught.length === 0 ? why : caught.slice(0, 4).join('; ')}`);
    if (caught.length > 0) return;
    alive.push(act);
  });
  tell(`${acts.length} mutants, ${acts.length - alive.length} caught, survivors: ${alive.join(', ') || 'none'}`);
  expect(alive.filter((act) => survivors[act] === undefined)).toEqual([]);
});

async function whatCaught(act: StepName, whole: ReadonlyMap<MutantScene, After>): Promise<readonly string[]> {
  const scene = sceneOf(act);
  try {
    return differences(whole.get(scene), await playMutant(scene, act));
  } catch (error) {
    return [`the scene cannot be played to its end: ${error instanceof Error ? error.message.split('\n')[0] : error}`];
  }
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
