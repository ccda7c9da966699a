import { join } from 'node:path';
import { z } from 'zod';
import type { PlannedContainer } from '../../../contract/records.ts';
import type { Measurement } from '../../../runbook/judge.ts';
import { readIfThere } from '../../../vault/durable-file.ts';
import { readAdded } from '../../containers/experiment-of.ts';
import { classify } from '../../containers/find-containers.ts';
import type { Room } from '../../kernel/room.ts';
import type { ContainerFacts } from '../../kernel/world.ts';
import { few, type Known, type Proof } from './proof.ts';

interface Seen {
  readonly name: string;
  readonly id: string;
  readonly state: ContainerFacts['state'] | 'gone';
  readonly startedAt: string | null;
  readonly stoppedAt: string | null;
  /** Started again after it had been stopped. */
  readonly returned: boolean;
  readonly planned: boolean;
}

/**
 * That the experiment is out and stayed out (design §4.8): by id, by a new search, by the engine's events since the
 * stop, and by what the watch wrote down. One that came back makes the rollback not proven and is named; one that was
 * never stopped makes it failed.
 */
export async function proveExperiment(room: Room, { containment }: Known): Promise<Proof> {
  if (containment === undefined) {
    const measured = 'no containment plan was made: it is not known what belongs to the experiment';
    return { items: { 'experiment-out': { status: 'unknown', measured } }, seen: null };
  }
  const experiment = [...containment.experiment, ...readAdded(room)].filter(
    ({ id }, n, all) => all.findIndex((one) => one.id === id) === n,
  );
  const ids = new Set(experiment.map(({ id }) => id));
  const stops = stopsOf(room, ids);
  const seen: Seen[] = [];
  for (const planned of experiment) {
    const facts = await room.world.docker.inspect(planned.id);
    seen.push(seenOf(planned, facts, stops.get(planned.id) ?? (planned.state === 'running' ? null : containment.at)));
  }
  seen.push(...(await strangers(room, ids)));
  const watched = returnsWatched(room);
  const events = await startsSince(room, stops);
  const measured = judgeSeen(seen, [...watched, ...events]);
  return { items: { 'experiment-out': measured }, seen: { seen, watched, events } };
}

function judgeSeen(seen: readonly Seen[], told: readonly string[]): Measurement {
  const alive = seen.filter(({ state }) => state === 'running' || state === 'paused' || state === 'restarting');
  const returned = seen.filter((each) => each.returned);
  const neverStopped = alive.filter((each) => !each.returned && each.planned);
  if (neverStopped.length > 0) {
    return { status: 'fail', measured: `not stopped: ${few(neverStopped.map(stateOf))}` };
  }
  const back = [...new Set([...returned, ...alive].map(stateOf)), ...new Set(told)];
  if (back.length > 0) return { status: 'unknown', measured: `came back: ${few(back)}` };
  const gone = seen.filter(({ state }) => state === 'gone').length;
  const removed = gone > 0 ? `, ${gone} of them removed` : '';
  return { status: 'pass', measured: `${seen.length} containers stopped${removed}, none started since` };
}

function stateOf({ name, state, startedAt }: Seen): string {
  return `${name} (${state}, started ${startedAt ?? 'never'})`;
}

/** @param stoppedAt null when it ran and no stop of it is on record */
function seenOf(planned: PlannedContainer, facts: ContainerFacts | undefined, stoppedAt: string | null): Seen {
  const startedAt = facts?.startedAt ?? null;
  return {
    name: planned.name,
    id: planned.id,
    state: facts?.state ?? 'gone',
    startedAt,
    stoppedAt,
    returned: startedAt !== null && stoppedAt !== null && Date.parse(startedAt) > Date.parse(stoppedAt),
    planned: true,
  };
}

/**
 * When each container of the experiment was first stopped, as the journal has it: the instant, not the claim that it
 * worked. Stops of the stable system for a restore are none of these.
 */
function stopsOf(room: Room, ids: ReadonlySet<string>): ReadonlyMap<string, string> {
  const stops = new Map<string, string>();
  const intents = new Map<number, string>();
  for (const record of room.journal.records()) {
    if (record.kind === 'intent' && /^(stop|kill)/.test(record.effect.kind))
      intents.set(record.seq, record.effect.target);
    const id = record.kind === 'confirm' ? intents.get(record.intent) : undefined;
    if (id !== undefined && ids.has(id) && !stops.has(id)) stops.set(id, record.at);
  }
  return stops;
}

/** Running containers of the experiment that no plan knows: found anew, by label, compose file and plain name. */
async function strangers(room: Room, known: ReadonlySet<string>): Promise<readonly Seen[]> {
  const found: Seen[] = [];
  for (const container of await room.world.docker.list()) {
    if (known.has(container.id) || classify(room, container).system !== 'experiment') continue;
    const facts = await room.world.docker.inspect(container.id);
    if (facts === undefined || facts.state === 'exited' || facts.state === 'created' || facts.state === 'dead')
      continue;
    found.push({
      name: facts.name,
      id: facts.id,
      state: facts.state,
      startedAt: facts.startedAt,
      stoppedAt: null,
      returned: false,
      planned: false,
    });
  }
  return found;
}

const returnLine = z.looseObject({ name: z.string().optional(), id: z.string().optional(), at: z.string().optional() });

/** What the watch saw and stopped again. A line that cannot be read is a return all the same. */
function returnsWatched(room: Room): readonly string[] {
  const text = readIfThere(join(room.rollback.evidenceDir, 'returns.jsonl')) ?? '';
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      try {
        const { name, id, at } = returnLine.parse(JSON.parse(line));
        return `${name ?? id ?? 'a container'} at ${at ?? 'an unknown time'}, stopped again by the watch`;
      } catch {
        return 'a container that the watch wrote down illegibly';
      }
    });
}

/** Starts that the engine still remembers; its memory is short (facts), so that none proves nothing on its own. */
async function startsSince(room: Room, stops: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const first = [...stops.values()].sort()[0];
  if (first === undefined) return [];
  const until = new Date(room.world.now()).toISOString();
  const starts: string[] = [];
  for await (const event of room.world.docker.events({ since: first, until, signal: room.signal })) {
    const stoppedAt = stops.get(event.id);
    if (event.type !== 'container' || !/^(start|restart)$/.test(event.action) || stoppedAt === undefined) continue;
    const at = Number(BigInt(event.timeNano) / 1_000_000n);
    if (at > Date.parse(stoppedAt)) starts.push(`${event.name} started at ${new Date(at).toISOString()}`);
  }
  return starts;
}
