import type { RecoveryPlan } from '../../contract/records.ts';
import { findStable, type StableContainer } from '../checks/find-stable.ts';
import { captureWhole } from '../evidence/capture-whole.ts';
import { ActFailure } from '../kernel/failures.ts';
import { readRecoveryPlan } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { endContainer, lives } from './change-container.ts';
import { assertImages, createStable } from './create-stable.ts';
import { doForEach } from './do-for-each.ts';
import { givePoliciesBack, oweStable, settleServing } from './stable-obligations.ts';
import { tally } from './tally.ts';
import { wakeStable } from './wake-stable.ts';

/**
 * Runbook 2.2, last: the stable system on the images of the checkpoint. What the plan says must change is stopped, kept
 * whole and then replaced by compose on the pinned image id; what was stopped for the restore is started again under
 * its own id; what runs as it should is not touched (design §4.2). Restart policies are given back.
 * @throws ActFailure `refused` when an image of the checkpoint is not there; nothing was replaced then
 */
export const startStableOnPins: ActBody = async (room) => {
  const plan = readRecoveryPlan(room);
  const pins = Object.fromEntries(
    plan.recreate.filter(({ image }) => image !== '').map(({ service, image }) => [service, image]),
  );
  await assertImages(room, pins);
  const { containers } = await findStable(room);
  const services = servicesToMake(plan, containers);
  if (services.length > 0) {
    await keepWhole(
      room,
      plan,
      containers.filter(({ service }) => services.includes(service)),
    );
    await createStable(room, { services, pins, keepExisting: false });
  }
  const policies = await givePoliciesBack(room);
  // Compose, killed half-way, leaves the old container under another name: it is not started beside the new one.
  const { containers: present } = await findStable(room);
  const woken = await wakeStable(
    room,
    present.filter(({ service, facts }) => pins[service] === undefined || pins[service] === facts.image),
  );
  await settleServing(room);
  await assertPinned(room, pins);
  const started = woken.filter((one) => one !== 'untouched').length;
  const how = [...services.map(() => 'made by compose'), ...woken];
  return {
    outcome: services.length + started + policies === 0 ? 'already-done' : 'done',
    reason:
      `Stable system: ${tally(how)}` +
      (services.length === 0 ? '.' : `; replaced on the image of the checkpoint: ${services.join(', ')}.`) +
      (policies === 0 ? '' : ` ${policies} restart policies given back.`),
    figures: { recreated: services.length, started, policies, pinned: Object.keys(pins).length },
  };
};

/** Services of the plan whose container was not made since, on the pinned image. */
function servicesToMake({ at, recreate }: RecoveryPlan, containers: readonly StableContainer[]): readonly string[] {
  return recreate
    .filter(({ service, image }) => {
      const own = containers.filter((one) => one.service === service);
      const made = own.some(
        ({ facts }) => (image === '' || facts.image === image) && Date.parse(facts.createdAt) > Date.parse(at),
      );
      return !made;
    })
    .map(({ service }) => service);
}

/** Stopped first: what it says when it ends is part of its log, and nothing is written after the capture. */
async function keepWhole(room: Room, plan: RecoveryPlan, replaced: readonly StableContainer[]): Promise<void> {
  const alive = replaced.filter(({ facts }) => lives(facts));
  if (alive.length > 0) oweStable(room, alive);
  await doForEach(
    'kept whole before they are replaced',
    replaced.map(({ service, facts }) => ({ service, facts, name: facts.name })),
    async ({ service, facts }) => {
      if (lives(facts)) await endContainer(room, facts, facts.state === 'restarting' ? 'kill' : 'stop');
      const why = plan.recreate.find((one) => one.service === service)?.reason ?? 'the recovery plan replaces it';
      // Compose hands anonymous volumes on to the new container; nothing is removed but the container.
      await captureWhole(room, facts, { as: 'replaced', why, volumesGo: false });
    },
  );
}

/** The tag may mean another image than it did (facts): what counts is the image that the container is of. */
async function assertPinned(room: Room, pins: Readonly<Record<string, string>>): Promise<void> {
  const { containers } = await findStable(room);
  const wrong = Object.entries(pins).filter(
    ([service, image]) => !containers.some((one) => one.service === service && one.facts.image === image),
  );
  if (wrong.length === 0) return;
  throw new ActFailure(
    'compose-failed',
    `Compose ended well, and still no container is on the image of the checkpoint for ${wrong.map(([service]) => service).join(', ')}; all else of the stable system was started.`,
    { data: { services: wrong.map(([service]) => service) } },
  );
}
