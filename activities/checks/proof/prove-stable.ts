import type { Judgement } from '../../../contract/records.ts';
import type { Measurement } from '../../../runbook/judge.ts';
import type { Room } from '../../kernel/room.ts';
import { findStable, type StableSystem } from '../find-stable.ts';
import { soak } from '../soak.ts';
import { allOf, type Known, type Proof } from './proof.ts';

/** The soak of the judgement is short: a system that was brought back has been waited for before. */
const deadlineMs = 60_000;

/** Right containers on right images, up and steady. */
export async function proveStable(
  room: Room,
  { checkpoint }: Known,
): Promise<Proof & { readonly images: Judgement['images'] }> {
  const rule = room.target.health.soak;
  const soaked = await soak(room, { rule, deadlineMs: Math.max(deadlineMs, rule.overMs * 3) });
  const system = await findStable(room);
  const images = imagesOf(system, checkpoint);
  return {
    items: {
      'stable-running': {
        status: soaked.judgement.steady ? 'pass' : 'fail',
        measured: `${system.containers.length} containers; ${soaked.judgement.reason}`,
      },
      'stable-images': proveImages(system, images),
    },
    images,
    seen: { judgement: soaked.judgement, last: soaked.observations.slice(-5), images },
  };
}

function imagesOf({ containers }: StableSystem, checkpoint: Known['checkpoint']): Judgement['images'] {
  return containers.map(({ service, facts }) => ({
    service,
    container: facts.name,
    image: facts.image,
    expected: checkpoint?.images.find((held) => held.service === service)?.image ?? null,
  }));
}

function proveImages({ missing }: StableSystem, images: Judgement['images']): Measurement {
  const gone = missing.map((service) => ({ status: 'fail', measured: `${service} has no container` }) as const);
  const compared = images.map(({ service, image, expected }): Measurement => {
    if (expected === null) return { status: 'unknown', measured: `${service}: no image is recorded for it` };
    if (image === expected) return { status: 'pass', measured: `${service} on ${short(image)}` };
    return { status: 'fail', measured: `${service} on ${short(image)} instead of ${short(expected)}` };
  });
  return allOf([...gone, ...compared], 'no container of the stable system was found');
}

function short(image: string): string {
  return image.replace('sha256:', '').slice(0, 12);
}
