import type { Judgement } from '../../contract/records.ts';
import type { ChecklistResult, Judged } from '../../contract/rollback.ts';
import { type ChecklistItemId, checklistIds } from '../../runbook/checklist.ts';
import { itemsOutOfScope } from '../../runbook/decide-scope.ts';
import { judge, type Measurement } from '../../runbook/judge.ts';
import { isPartial } from '../../runbook/scenarios.ts';
import { scenarioIfKnown } from '../data/scenario-of.ts';
import { awaitEngine } from '../kernel/await-engine.ts';
import { asActFailure } from '../kernel/failures.ts';
import { findRecord, readCheckpoint, recordHash, writeRecord } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { findStable } from './find-stable.ts';
import { keepEvidence } from './keep-evidence.ts';
import { allOf, type Known, type Proof } from './proof/proof.ts';
import { proveAgents } from './proof/prove-agents.ts';
import { proveAnswers } from './proof/prove-answers.ts';
import { proveBackups } from './proof/prove-backups.ts';
import { proveData } from './proof/prove-data.ts';
import { proveExperiment } from './proof/prove-experiment.ts';
import { proveGit } from './proof/prove-git.ts';
import { provePartial } from './proof/prove-partial.ts';
import { provePerformance } from './proof/prove-performance.ts';
import { proveSkills } from './proof/prove-skills.ts';
import { proveStable } from './proof/prove-stable.ts';

/**
 * Looks at the world as if nothing had been done and says what is proven (design §4.13). It knows target, checkpoint,
 * container ids and which data had to go back; it reads no step's result. What is slow comes first, what must hold at
 * the moment of the verdict last: the stable system serving, the experiment out.
 */
export const judgeWorld: ActBody<Judged> = (room) => judgeAgainst(room, knownOf(room));

/** The same judgement against what the caller knows: a proof at a later time is held against its own checkpoint. */
export async function judgeAgainst(room: Room, known: Known): Promise<Judged> {
  const scenario = scenarioIfKnown(room);
  const looks = new Looks(room);
  const startsBefore = await startsOfStable(room);
  const data = await looks.take('data', dataItems, (here) => proveData(here, known));
  const git = await looks.take('git', ['git-clean'], (here) => proveGit(here, known));
  await looks.take('backups', ['backups-verified'], proveBackups);
  await looks.take('skills', ['skills-discoverable'], proveSkills);
  await looks.take('agents', ['agent-coordination', 'agents-operational'], proveAgents);
  await looks.take('performance', performanceItems, (here) => provePerformance(here, known));
  await looks.take('answers', ['basic-queries', 'complex-queries', 'no-user-errors'], proveAnswers);
  const stable = await looks.take('stable', ['stable-running', 'stable-images'], (here) => proveStable(here, known));
  if (isPartial(scenario)) await looks.take('partial', partialItems, (here) => provePartial(here, scenario));
  else await looks.take('experiment', ['experiment-out'], (here) => proveExperiment(here, known));

  const judged = judge({
    measured: looks.measured(),
    exceptions: looks.exceptions,
    checkpointRecorded: known.checkpoint !== null,
    outOfScope: itemsOutOfScope(room.target, scenario),
  });
  const items = judged.items.map((item) => looks.withEvidence(item));
  const judgement: Judgement = {
    format: 1,
    at: new Date(room.world.now()).toISOString(),
    verdict: judged.verdict,
    reasons: judged.reasons,
    items,
    data: data?.data ?? [],
    images: stable?.images ?? [],
    git: git?.git ?? { head: 'unknown', branch: null, tree: 'unknown' },
  };
  const { file } = writeRecord(room, 'judgement', judgement);
  const passed = items.filter((item) => item.status === 'pass').length;
  const applicable = items.filter((item) => item.status !== 'not-applicable').length;
  return {
    outcome: 'done',
    reason: `${judged.verdict}: ${passed} of ${applicable} items pass`,
    verdict: judged.verdict,
    reasons: judged.reasons.slice(0, 20).map(cut),
    items: items.map((item) => ({ ...item, measured: cut(item.measured) })),
    figures: { passed, items: applicable, disturbed: startsBefore !== (await startsOfStable(room)) ? 1 : 0 },
    files: [file],
  };
}

/** Which containers serve, and since when: what was looked at before another start says nothing of what serves now. */
async function startsOfStable(room: Room): Promise<string> {
  const { containers } = await findStable(room);
  return JSON.stringify(containers.map(({ facts }) => [facts.id, facts.state, facts.startedAt]).sort());
}

const dataItems = ['data-present', 'data-uncorrupted'] as const;

const partialItems = ['load-reduced', 'traffic-to-stable', 'experiment-runs'] as const;

const performanceItems = [
  'response-times',
  'log-errors',
  'response-time-limit',
  'memory-limit',
  'cpu-limit',
  'error-rate',
] as const;

/** Histories carry sentences, not pages; the whole is in the judgement on disk. */
function cut(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 299)}…`;
}

function knownOf(room: Room): Known {
  const containment = findRecord(room, 'containment');
  const recovery = findRecord(room, 'recovery');
  const { plans } = room.input;
  // Another plan than the one that was carried out says nothing about what had to go back.
  const foreign = recovery !== undefined && plans.recovery !== undefined && recordHash(recovery) !== plans.recovery;
  return { checkpoint: readCheckpoint(room), containment, recovery: foreign ? undefined : recovery };
}

/** One look may take this long: a hanging disk must not keep the others from being taken. */
const lookWithinMs = { full: 240_000, emergency: 60_000 } as const;

const engineWithinMs = 120_000;

/** Takes one look after the other; one that cannot be taken leaves its items unknown and the others alone. */
class Looks {
  readonly exceptions: string[] = [];
  readonly #room: Room;
  readonly #found = new Map<ChecklistItemId, Measurement[]>();
  readonly #evidence = new Map<ChecklistItemId, string>();

  constructor(room: Room) {
    this.#room = room;
  }

  async take<P extends Proof>(
    name: string,
    ids: readonly ChecklistItemId[],
    look: (room: Room) => Promise<P>,
    again = false,
  ): Promise<P | null> {
    const room = this.#room;
    room.progress(`looks at ${name}`);
    const within = AbortSignal.timeout(lookWithinMs[room.input.mode]);
    try {
      const proof = await look({ ...room, signal: AbortSignal.any([room.signal, within]) });
      this.#add(name, proof);
      return proof;
    } catch (error) {
      room.signal.throwIfAborted();
      const { kind, message } = asActFailure(error);
      if (kind === 'stale-attempt') throw error;
      if (kind === 'docker-unavailable' && !again && (await this.#engineIsBack(message))) {
        return this.take(name, ids, look, true);
      }
      const why = within.aborted ? 'took too long' : message;
      for (const id of ids) this.#push(id, { status: 'unknown', measured: `could not be looked at: ${why}` });
      return null;
    }
  }

  /** An engine that is away for a moment leaves no verdict open. */
  async #engineIsBack(why: string): Promise<boolean> {
    try {
      await awaitEngine(this.#room, why, engineWithinMs);
      return true;
    } catch {
      this.#room.signal.throwIfAborted();
      return false;
    }
  }

  measured(): Readonly<Partial<Record<ChecklistItemId, Measurement>>> {
    return Object.fromEntries([...this.#found].map(([id, found]) => [id, allOf(found, 'was not measured')]));
  }

  withEvidence(item: ChecklistResult): ChecklistResult {
    const evidence = checklistIds.find((id) => id === item.id);
    const path = evidence === undefined ? undefined : this.#evidence.get(evidence);
    return path === undefined ? item : { ...item, evidence: path };
  }

  #add(name: string, proof: Proof): void {
    const { path } = keepEvidence(this.#room, `judgement/${name}.json`, proof.seen);
    for (const id of checklistIds) {
      const found = proof.items[id];
      if (found === undefined) continue;
      this.#push(id, found);
      this.#evidence.set(id, path);
    }
    this.exceptions.push(...(proof.exceptions ?? []));
  }

  #push(id: ChecklistItemId, found: Measurement): void {
    this.#found.set(id, [...(this.#found.get(id) ?? []), found]);
  }
}
