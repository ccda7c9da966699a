import type { PlannedContainer } from '../../contract/records.ts';
import { asActFailure } from '../kernel/act.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { awaitState, endContainer, forbidRestart, lives, settleLost } from './change-container.ts';
import { cutNetworks } from './cut-networks.ts';
import { doForEach } from './do-for-each.ts';
import { experimentOf } from './experiment-of.ts';
import { tally } from './tally.ts';

/** How a container became, or already was, harmless. */
export type Contained = 'paused' | 'killed' | 'already paused' | 'not running' | 'gone';

interface ContainedOne {
  readonly name: string;
  readonly how: Contained;
  readonly cut: number;
  readonly notCut: readonly string[];
}

/** Somebody may start more while we pause: looked for again, but not for ever. */
const rounds = 3;

/**
 * Runbook 1.1, turned round (design §4.1): everything of the experiment is paused at once, so that nothing is lost and
 * nothing more is done. A container in a crash loop cannot be paused: it is kept from restarting and killed. With
 * `security` the networks are cut as well. What appeared after the planning is contained too.
 * @throws ActFailure naming what could not be contained, after all others were
 */
export const containExperiment: ActBody = async (room) => {
  const all = new Map<string, ContainedOne>();
  const newcomers: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const experiment = await experimentOf(room);
    newcomers.push(...experiment.newcomers.map(({ name }) => name));
    const fresh = experiment.containers.filter(({ id }) => !all.has(id));
    if (fresh.length === 0) break;
    notePolicies(room, fresh);
    const contained = await doForEach('contained', fresh, (planned) => contain(room, planned));
    fresh.forEach(({ id }, n) => {
      const one = contained[n];
      if (one !== undefined) all.set(id, one);
    });
  }
  const list = [...all.values()];
  const changed = list.some(({ how, cut }) => how === 'paused' || how === 'killed' || cut > 0);
  return {
    outcome: changed ? 'done' : 'already-done',
    reason: told(list, newcomers),
    figures: {
      containers: list.length,
      paused: list.filter(({ how }) => how === 'paused').length,
      killed: list.filter(({ how }) => how === 'killed').length,
      newcomers: newcomers.length,
      networksCut: list.reduce((sum, { cut }) => sum + cut, 0),
    },
  };
};

/** Makes one container harmless, whatever state it is in. */
export async function contain(room: Room, { id, name }: { readonly id: string; readonly name: string }) {
  const how = await pauseOrKill(room, { id, name });
  const { cut, notCut } = room.input.options.security ? await cutNetworks(room, id) : { cut: 0, notCut: [] };
  return { name, how, cut, notCut };
}

const tries = 5;

/** Between a look and the pause a crash loop goes on: whatever refuses to be paused is looked at again. */
async function pauseOrKill(room: Room, planned: { readonly id: string; readonly name: string }): Promise<Contained> {
  const { id, name } = planned;
  for (let n = 1; ; n += 1) {
    const now = await room.world.docker.inspect(id);
    if (now === undefined) return 'gone';
    if (now.state === 'paused') return (await settleLost(room, id, ['pause'])) ? 'paused' : 'already paused';
    if (!lives(now)) return 'not running';
    if (now.state === 'restarting') return await killLoop(room, now);
    try {
      const { restartPolicy } = now;
      await room.effect({ kind: 'pause', target: id, recovery: 'do-again', detail: { name, restartPolicy } }, () =>
        room.world.docker.pause(id),
      );
      await awaitState(room, planned, 'does not stay paused', ({ state } = now) => state === 'paused');
      return 'paused';
    } catch (error) {
      const failure = asActFailure(error);
      if (failure.kind !== 'docker-refused') throw error;
      if (n >= tries) return await killUnpausable(room, planned, failure);
    }
  }
}

/** It lives for moments only: nothing is lost that its log does not keep. */
async function killLoop(room: Room, facts: ContainerFacts): Promise<Contained> {
  await forbidRestart(room, facts);
  await endContainer(room, facts, 'kill');
  return 'killed';
}

/** An engine that cannot pause (no freezer): out of service all the same, unless that would delete what is not kept yet. */
async function killUnpausable(
  room: Room,
  { id, name }: { readonly id: string; readonly name: string },
  refusal: ActFailure,
): Promise<Contained> {
  const facts = await room.world.docker.inspect(id);
  if (facts === undefined || !lives(facts)) return 'not running';
  if (facts.autoRemove) {
    throw new ActFailure(
      'docker-refused',
      `${name} cannot be paused (${refusal.message}) and its stop would delete it: it was not stopped.`,
      { cause: refusal },
    );
  }
  return await killLoop(room, facts);
}

/** Every policy as it was, in the journal and not only in the plan: `undo` gives it back from there. */
function notePolicies(room: Room, containers: readonly PlannedContainer[]): void {
  room.beforeEffect();
  room.journal.append({
    at: new Date(room.world.now()).toISOString(),
    epoch: room.input.epoch,
    step: room.input.key,
    schedule: room.input.schedule,
    attempt: 1,
    kind: 'note',
    text: 'restart policies of the experiment before anything was done',
    detail: { containers: containers.map(({ id, name, restartPolicy }) => ({ id, name, restartPolicy })) },
  });
}

function told(list: readonly ContainedOne[], newcomers: readonly string[]): string {
  if (list.length === 0) return 'No container belongs to the experiment: there was nothing to contain.';
  const killed = list.filter(({ how }) => how === 'killed').map(({ name }) => name);
  const notCut = list.flatMap(({ name, notCut }) => notCut.map((network) => `${name} (${network})`));
  return [
    `Of ${list.length} containers of the experiment: ${tally(list.map(({ how }) => how))}.`,
    ...(killed.length === 0 ? [] : [`In a crash loop or unpausable, so killed: ${killed.join(', ')}.`]),
    ...(newcomers.length === 0 ? [] : [`Appeared after the planning and taken in: ${newcomers.join(', ')}.`]),
    ...(notCut.length === 0 ? [] : [`Paused, but this network cannot be cut: ${notCut.join(', ')}.`]),
  ].join(' ');
}
