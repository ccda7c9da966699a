import type { PartialPlan } from '../../contract/records.ts';
import type { PlannedStep, RecoveryPlanned } from '../../contract/rollback.ts';
import { type DecidedLimits, decideLimits } from '../../runbook/decide-limits.ts';
import { whyNotPossible } from '../../runbook/decide-partial.ts';
import { isPartial, type PartialScenario } from '../../runbook/scenarios.ts';
import { rowOf } from '../../runbook/steps.ts';
import { experimentOf } from '../containers/experiment-of.ts';
import { scenarioOf } from '../data/scenario-of.ts';
import { ActFailure } from '../kernel/failures.ts';
import { fileRef, findRecord, readCheckpoint, recordHash, recordPath, writeRecord } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { migrationHash } from './migration-hash.ts';

/**
 * What a partial rollback does, from request, target and the world as it is, with a hash (runbook, "Partial Rollback
 * Scenarios"). Made again it stands, as long as it decides the same: limits that it has set meanwhile are its own.
 * @throws ActFailure `refused` when the target describes nothing for this scenario
 */
export const planPartial: ActBody<RecoveryPlanned> = async (room) => {
  const scenario = scenarioOf(room);
  const why = whyNotPossible(scenario, room.target.partial);
  if (why !== null) throw new ActFailure('refused', `${why}. Nothing was changed.`);
  if (!isPartial(scenario)) throw new ActFailure('refused', `${scenario} is no partial rollback; nothing was planned.`);
  const earlier = findRecord(room, 'partial');
  if (earlier?.scenario === scenario) return planned(room, earlier, 'already-done');
  const plan: PartialPlan = {
    format: 1,
    at: new Date(room.world.now()).toISOString(),
    scenario,
    ...(await partOf(room, scenario)),
  };
  writeRecord(room, 'partial', plan);
  return planned(room, plan, 'done');
};

type Part = Pick<PartialPlan, 'steps' | 'limits' | 'switches' | 'migration' | 'notes'>;

async function partOf(room: Room, scenario: PartialScenario): Promise<Part> {
  switch (scenario) {
    case 'performance-only':
      return reducedLoad(room);
    case 'api-issues':
      return switchedTraffic(room);
    case 'data-migration':
      return migrationAgain(room);
  }
}

function migrationAgain(room: Room): Part {
  const { migration } = room.target.partial;
  const what = migration === null ? '' : `${migration.command.join(' ')}, once somebody has mended it`;
  return {
    limits: [],
    switches: [],
    migration: migration === null ? null : migrationHash(migration),
    notes: [],
    steps: [step('runMigration', what)],
  };
}

function switchedTraffic(room: Room): Part {
  const { switches, probes, samples } = room.target.partial.integration ?? { switches: [], probes: [], samples: 0 };
  return {
    limits: [],
    switches: switches.map(({ name }) => name),
    migration: null,
    notes: [],
    steps: [
      ...switches.map(({ name }) => step('switchTraffic', `sets ${name}`)),
      step('proveTraffic', `asks ${probes.map(({ name }) => name).join(', ')} ${samples} times`),
    ],
  };
}

async function reducedLoad(room: Room): Promise<Part> {
  const declared = room.target.partial.performance;
  const { limits, notes } = await limitsOf(room);
  const switches = (declared?.limiter ?? []).map(({ name }) => name);
  const baseline = readCheckpoint(room)?.baseline ?? null;
  return {
    limits,
    switches,
    migration: null,
    notes: baseline === null ? [...notes, 'no baseline is recorded: whether it gets better cannot be seen'] : notes,
    steps: [
      ...limits.map(({ name, wanted }) =>
        step(
          'limitExperiment',
          `${name}: at most ${wanted.cpus ?? 'all'} CPUs, ${wanted.memoryBytes ?? 'all'} bytes of memory`,
        ),
      ),
      ...switches.map((name) => step('switchLimiter', `sets ${name}`)),
      step('samplePerformance', `watched for ${(declared?.watch.forMs ?? 0) / 1000} s against the baseline`),
    ],
  };
}

async function limitsOf(room: Room): Promise<DecidedLimits> {
  const wanted = room.target.partial.performance?.limits ?? { cpus: null, memoryBytes: null };
  const { docker } = room.world;
  const { containers } = await experimentOf(room);
  const found = await Promise.all(
    containers.map(async ({ id, name }) => {
      const earlier = await docker.limits(id);
      const stats = (await docker.inspect(id))?.state === 'running' ? await docker.stats(id) : undefined;
      return earlier === undefined ? [] : [{ id, name, earlier, usedMemoryBytes: stats?.memoryBytes ?? null }];
    }),
  );
  return decideLimits(found.flat(), wanted);
}

function step(name: PlannedStep['step'], reason: string): PlannedStep {
  return { step: name, destroys: false, title: rowOf(name).title, reason };
}

function planned(room: Room, plan: PartialPlan, outcome: 'done' | 'already-done'): RecoveryPlanned {
  const checkpoint = readCheckpoint(room);
  const notes = plan.notes.length === 0 ? '' : ` ${plan.notes.join('; ')}.`;
  return {
    outcome,
    reason: `${plan.steps.length} step(s): ${plan.steps.map(({ reason }) => reason).join('; ')}.${notes}`,
    hash: recordHash(plan),
    steps: plan.steps,
    discards: [],
    questions: [],
    checkpoint: { id: checkpoint?.id ?? null, commit: checkpoint?.commit ?? '' },
    conflicts: 0,
    figures: { steps: plan.steps.length, limits: plan.limits.length, switches: plan.switches.length },
    files: [fileRef(recordPath(room, 'partial'))],
  };
}
