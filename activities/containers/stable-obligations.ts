import type { JournalRecord } from '../../vault/journal.ts';
import { findStable } from '../checks/find-stable.ts';
import type { Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { awaitState, setPolicy } from './change-container.ts';
import { doForEach } from './do-for-each.ts';

/**
 * What is owed to the stable system once we stopped something of it: that it serves again, and the restart policies
 * that were set to `no` meanwhile. Discharged by whoever has it running again.
 */
export const stableServes = 'stable-serves';
const policyPrefix = 'restart-policy:';

/** Entered before the first stop, so that no crash can come between the two. */
export function oweStable(room: Room, containers: readonly { readonly facts: ContainerFacts }[]): void {
  const names = containers.map(({ facts }) => facts.name);
  room.obligation(stableServes, `Start the stable system again: ${names.join(', ')}.`, {
    ids: containers.map(({ facts }) => facts.id),
    names,
  });
}

/** Only data go back: what of the experiment was stopped for it goes on under the same ids. */
export const experimentGoesOn = 'experiment-goes-on';

export function oweExperiment(room: Room, containers: readonly { readonly facts: ContainerFacts }[]): void {
  const names = containers.map(({ facts }) => facts.name);
  room.obligation(experimentGoesOn, `Start the experiment again: ${names.join(', ')}.`, {
    ids: containers.map(({ facts }) => facts.id),
    names,
  });
}

export function owePolicy(room: Room, { id, name, restartPolicy }: ContainerFacts): void {
  room.obligation(`${policyPrefix}${id}`, `Give ${name} its restart policy back: ${restartPolicy.name}.`, {
    id,
    name,
    restartPolicy,
  });
}

interface Owed {
  readonly id: string;
  readonly name: string;
  readonly restartPolicy: ContainerFacts['restartPolicy'];
}

/**
 * Gives stable containers their restart policies back, and discharges what is no longer owed. Before they are started:
 * one that needs another to be up first comes up by its policy. A container that compose has replaced has its policy
 * from the compose file.
 * @returns how many policies were given back
 * @throws ActFailure naming those that refused, after all others were given back
 */
export async function givePoliciesBack(room: Room): Promise<number> {
  const owing = room.journal.openObligations().filter(({ id }) => id.startsWith(policyPrefix));
  const given = await doForEach(
    'given their restart policy back',
    owing.map((record) => ({ record, name: owedBy(record).name })),
    ({ record }) => giveBack(room, record),
  );
  return given.filter((one) => one).length;
}

/** @returns whether anything had to be done */
async function giveBack(room: Room, record: JournalRecord<'obligation'>): Promise<boolean> {
  const owed = owedBy(record);
  const { docker } = room.world;
  const facts = await docker.inspect(owed.id);
  if (facts === undefined) {
    room.discharge(record.id, `${owed.name} was replaced; its policy comes from the compose file.`);
    return false;
  }
  const changes = facts.restartPolicy.name !== owed.restartPolicy.name;
  if (changes) {
    await setPolicy(room, owed, facts.restartPolicy, owed.restartPolicy);
    await awaitState(room, owed, `does not have its restart policy ${owed.restartPolicy.name}`, (now) => {
      return now === undefined || now.restartPolicy.name === owed.restartPolicy.name;
    });
  }
  room.discharge(record.id, `${owed.name} has its restart policy ${owed.restartPolicy.name} again.`);
  return changes;
}

/** Discharged when every service runs: what that is worth, the health check says. */
export async function settleServing(room: Room): Promise<void> {
  if (!room.journal.openObligations().some(({ id }) => id === stableServes)) return;
  const { containers, missing } = await findStable(room);
  if (missing.length > 0 || containers.some(({ facts }) => facts.state !== 'running')) return;
  room.discharge(stableServes, `All ${containers.length} containers of the stable system run again.`);
}

/** Both, for whoever has started the stable system by other means or closes the rollback. @returns policies given back */
export async function settleStable(room: Room): Promise<number> {
  const given = await givePoliciesBack(room);
  await settleServing(room);
  return given;
}

function owedBy({ detail }: JournalRecord<'obligation'>): Owed {
  // Written by owePolicy alone.
  return detail as unknown as Owed;
}
