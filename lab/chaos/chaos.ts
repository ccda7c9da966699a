import { removeLab } from '../clean-up.ts';
import type { Screen } from '../demo/screen.ts';
import { Interrupted, untilInterrupted } from '../demo/until-interrupted.ts';
import { newLabId } from '../names.ts';
import { createPrivateEngine, type PrivateEngine } from '../private-engine.ts';
import { readEntry } from '../registry.ts';
import { tellKill } from './plan-kills.ts';
import { type PlayedSeed, playSeed } from './play-seed.ts';

/** What is being played, and has to be taken away whatever happens. */
interface Stage {
  readonly id: string;
  readonly engine: PrivateEngine;
}

/**
 * `npm run demo -- --chaos`: each seed has an engine and a practice system of its own, since the engine is killed too.
 * @returns exit code: 0 when every seed ended `restored` with the same data
 */
export async function chaos(
  seeds: readonly number[],
  screen: Screen,
  tellJson: (result: unknown) => void,
): Promise<number> {
  const played: PlayedSeed[] = [];
  let stage: Stage | undefined;
  let over = false;
  const playAll = async (): Promise<void> => {
    for (const seed of seeds) {
      if (over) return;
      screen.title(`Seed ${seed}`);
      stage = { id: newLabId(), engine: await createPrivateEngine() };
      const one = await playSeed({ ...stage, seed, say: screen.say, quote: screen.quote }).catch(brokenOff(seed));
      played.push(one);
      screen.say(lineOf(one));
      await clear(stage);
      stage = undefined;
    }
  };
  try {
    await untilInterrupted(playAll);
  } catch (error) {
    over = true;
    if (stage !== undefined) await clear(stage);
    if (!(error instanceof Interrupted)) throw error;
    screen.say(`${error.message}: the other seeds were not played`);
    return error.exitCode;
  }
  return tellTable(played, screen, tellJson);
}

function tellTable(played: readonly PlayedSeed[], screen: Screen, tellJson: (result: unknown) => void): number {
  screen.title('Chaos');
  for (const one of played) {
    screen.say(lineOf(one));
    for (const reason of one.reasons) screen.quote(reason);
  }
  const hashes = new Set(played.map(({ rootHash }) => rootHash));
  const restored = played.filter(({ verdict }) => verdict === 'restored').length;
  screen.say(`${restored} of ${played.length} restored; root hashes: ${[...hashes].join(', ')}`);
  tellJson({ restored, seeds: played.length, rootHashes: [...hashes], played });
  return restored === played.length && hashes.size === 1 ? 0 : 1;
}

/** One seed that comes to no end keeps none of the others from being played. */
function brokenOff(seed: number): (error: unknown) => PlayedSeed {
  return (error) => {
    const why = error instanceof Error ? error.message : String(error);
    return { seed, verdict: 'broken off', reasons: [why], rootHash: 'none', kills: [], seconds: 0 };
  };
}

/** Engine first: what it held is gone with it, whatever state it is in. */
async function clear({ id, engine }: Stage): Promise<void> {
  await engine.remove();
  const entry = readEntry(id);
  if (entry !== undefined) await removeLab(entry);
}

function lineOf({ seed, verdict, rootHash, kills, seconds }: PlayedSeed): string {
  const killed = kills.map(tellKill).join(', ') || 'nobody';
  return `seed ${String(seed).padStart(3)}  ${verdict}  ${rootHash}  ${seconds} s  killed: ${killed}`;
}
