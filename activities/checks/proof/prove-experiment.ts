import { join } from 'node:path';
import { z } from 'zod';
import type { PlannedContainer } from '../../../contract/records.ts';
import type { Measurement } from '../../../runbook/judge.ts';
import { readIfThere } from '../../../vault/durable-file.ts';
import { readAdded } from '../../containers/experiment-of.ts';
import { classify } from '../../containers/find-containers.ts';
import { findHelpers } from '../../containers/find-helpers.ts';
import { firstEnded } from '../../containers/stage-of.ts';
import type { Room } from '../../kernel/room.ts';
import type { ContainerFacts } from '../../kernel/world.ts';
import { few, type Known, type Proof } from './proof.ts';

interface Seen {
  readonly name: string;
  readonly id: string;
  readonly state: ContainerFacts['state'] | 'gone';
  readonly startedAt: string | null;
  /** Start of the run that was ended, or was over when the containment was planned. */
  readonly endedRun: string | null;
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
  const seen: Seen[] = [];
  for (const planned of experiment) {
    const facts = await room.world.docker.inspect(planned.id);
    seen.push(seenOf(planned, facts, endedRunOf(room, planned)));
  }
  seen.push(...(await strangers(room, ids)));
  const watched = returnsWatched(room);
  const events = await startsAfterEnd(room, ids);
  const measured = judgeSeen(seen, [...watched, ...events]);
  const helpers = measured.status === 'pass' ? [] : await findHelpers(room);
  return { items: { 'experiment-out': withHelpers(measured, helpers) }, seen: { seen, watched, events, helpers } };
}

/** Who may have started it: nobody else can tell the operator where to look. */
function withHelpers({ status, measured }: Measurement, helpers: readonly string[]): Measurement {
  if (helpers.length === 0) return { status, measured };
  return { status, measured: `${measured}; these hold Docker's socket and may start it: ${few(helpers)}` };
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

/**
 * Which run of a container is over, named by the engine's own start time: the wall clock may have jumped between two
 * instants of ours, and then nothing could be told from them.
 * @returns null when it ran and no stop of it is on record
 */
function endedRunOf(room: Room, planned: PlannedContainer): string | null {
  const ended = firstEnded(room, planned.id);
  if (ended === undefined) return planned.state === 'running' ? null : planned.startedAt;
  return ended.startedAt ?? planned.startedAt;
}

function seenOf(planned: PlannedContainer, facts: ContainerFacts | undefined, endedRun: string | null): Seen {
  const startedAt = facts?.startedAt ?? null;
  return {
    name: planned.name,
    id: planned.id,
    state: facts?.state ?? 'gone',
    startedAt,
    endedRun,
    returned: startedAt !== null && endedRun !== null && startedAt !== endedRun,
    planned: true,
  };
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
      endedRun: null,
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

/**
 * Starts after an end, in the engine's own order. Its memory is short (facts), so that none proves nothing on its own:
 * all of it is asked for, up to the engine's own present.
 */
async function startsAfterEnd(room: Room, ids: ReadonlySet<string>): Promise<readonly string[]> {
  const { docker } = room.world;
  const { time } = await docker.info();
  const runs = new Map([...ids].map((id) => [id, firstEnded(room, id)?.startedAt]));
  const over = new Set<string>();
  const starts: string[] = [];
  for await (const event of docker.events({ since: '0', until: time, signal: room.signal })) {
    const run = runs.get(event.id);
    if (event.type !== 'container' || run === undefined) continue;
    const at = Number(BigInt(event.timeNano) / 1_000_000n);
    // Runs before the one that was ended are none of ours: an experiment may have crashed all day.
    if (event.action === 'die' && at >= Date.parse(run)) over.add(event.id);
    if (!/^(start|restart)$/.test(event.action) || !over.has(event.id)) continue;
    starts.push(`${event.name} started at ${new Date(at).toISOString()}`);
  }
  return starts;
}
