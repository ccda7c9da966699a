import type { PlannedContainer } from '../../contract/records.ts';
import { awaitState, setPolicy } from '../containers/change-container.ts';
import { doForEach } from '../containers/do-for-each.ts';
import { experimentOf } from '../containers/experiment-of.ts';
import { lastDone } from '../containers/stage-of.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';

type Woken = 'untouched' | 'unpaused' | 'started' | 'gone';

/**
 * A whole rollback that becomes a part: what it has paused and stopped of the experiment goes on, under the same ids and
 * with the restart policies of before. What somebody else has stopped stays as it is.
 * @throws ActFailure naming what does not run, after all others do
 */
export const wakeExperiment: ActBody = async (room) => {
  const { containers } = await experimentOf(room);
  const how = await doForEach('started again', containers, (planned) => wake(room, planned));
  const count = (wanted: Woken) => how.filter((one) => one === wanted).length;
  const woken = count('started') + count('unpaused');
  const gone = containers.filter((_, n) => how[n] === 'gone').map(({ name }) => name);
  return {
    outcome: gone.length > 0 ? 'failed' : woken > 0 ? 'done' : 'already-done',
    reason:
      gone.length > 0
        ? `Gone, and not to be brought back by id: ${gone.join(', ')}; ${woken} others go on again.`
        : woken > 0
          ? `${woken} containers of the experiment go on again, under the same ids.`
          : 'Nothing of the experiment was stopped by this rollback.',
    figures: { started: count('started'), unpaused: count('unpaused'), gone: gone.length },
  };
};

async function wake(room: Room, { id, name }: PlannedContainer): Promise<Woken> {
  const last = lastDone(room, id, ['pause', 'stop', 'kill', 'start', 'unpause'])?.kind;
  const ours = last === 'pause' || last === 'stop' || last === 'kill';
  const facts = await room.world.docker.inspect(id);
  if (facts === undefined) return ours ? 'gone' : 'untouched';
  await givePolicyBack(room, facts);
  if (!ours || facts.state === 'running') return 'untouched';
  const kind = facts.state === 'paused' ? 'unpause' : 'start';
  await room.effect({ kind, target: id, recovery: 'do-again', detail: { name } }, () => room.world.docker[kind](id));
  await awaitState(room, { id, name }, 'does not run after it was started', (now) => now?.state === 'running');
  return kind === 'start' ? 'started' : 'unpaused';
}

/** The policy it had before this rollback first changed it. */
async function givePolicyBack(room: Room, facts: ContainerFacts): Promise<void> {
  const first = room.journal.records().find((record) => {
    return record.kind === 'intent' && record.effect.kind === 'set-restart-policy' && record.effect.target === facts.id;
  });
  const from = first?.kind === 'intent' ? first.effect.detail?.['from'] : undefined;
  if (from === undefined) return;
  const earlier = from as ContainerFacts['restartPolicy'];
  if (earlier.name !== facts.restartPolicy.name) await setPolicy(room, facts, facts.restartPolicy, earlier);
}
