import { expect, it } from 'vitest';
import { boundariesOf, randomPoints, tellPoint } from './kill-sweep/kill-points.ts';
import { play, scenes } from './kill-sweep/scenes.ts';
import { seeded } from './kill-sweep/seeded.ts';
import { differences } from './support/differences.ts';

/** A sample of the kill sweep, always the same; `npm run test:kill` has the others, KILL_SEED runs one of them here. */
const seed = Number(process.env['KILL_SEED'] ?? 93_868);

it(`does the same to the world when its worker is killed at sampled moments (KILL_SEED=${seed})`, async () => {
  const emergency = scenes.find(({ name }) => name === 'emergency');
  if (emergency === undefined) throw new Error('The emergency is no scene of the sweep any more.');
  const unbroken = await play(emergency, []);
  const random = seeded(seed);
  const intents = boundariesOf(unbroken.records).filter(({ kind }) => kind === 'intent');
  const others = boundariesOf(unbroken.records).filter(({ kind }) => kind === 'open' || kind === 'close');
  const moments = [
    ...random.shuffle(intents).slice(0, 1),
    ...random.shuffle(others).slice(0, 1),
    ...randomPoints(unbroken.records, 1, random),
  ];
  const broken = await play(emergency, moments);
  console.log(`KILL_SEED=${seed}: ${broken.kills.map(({ point }) => tellPoint(point)).join(', ')}`);
  expect(differences(unbroken.witness, broken.witness)).toEqual([]);
  expect(broken.kills.length).toBeGreaterThan(0);
}, 400_000);
