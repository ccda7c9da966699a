import type { ObserveRequest, PlanForecast } from '../../contract/observe.ts';
import type { PlannedContainer } from '../../contract/records.ts';
import { isPartial } from '../../runbook/scenarios.ts';
import { timeTargetOf } from '../../runbook/time-targets.ts';
import { scenarioWorstCaseMs } from '../../runbook/worst-case.ts';
import { planContainment } from '../containers/plan-containment.ts';
import { checkIntegrity } from '../data/check-integrity.ts';
import { planRecovery } from '../data/plan-recovery.ts';
import { readContainmentPlan, readFindings, readPartialPlan, readRecoveryPlan } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';
import { planPartial } from '../partial/plan-partial.ts';

/** Lists are cut here; the counts tell the whole. */
const listed = 50;

/** What a rollback would do now, computed by the very acts that plan one. */
export async function forecast(room: Room, request: ObserveRequest): Promise<PlanForecast> {
  await planContainment(room);
  if (isPartial(request.scenario)) return forecastPart(room, request);
  if (request.scenario !== 'emergency') await checkIntegrity(room);
  const recovery = await planRecovery(room);
  const containment = readContainmentPlan(room);
  const plan = readRecoveryPlan(room);
  const { targetMs, maximumMs } = timeTargetOf(request.target, request.scenario);
  const changed = new Set(plan.recreate.map((change) => change.service));
  return {
    kind: 'plan',
    at: new Date(room.world.now()).toISOString(),
    experiment: list(containment.experiment, () => 'paused, stopped, kept with its logs; does not restart'),
    stable: list(containment.stable, (container) => fateOfStable(container, changed, plan.stopForData)),
    recovery,
    decisions: plan.roots.map(({ root, action, reasons }) => ({ root, action, reasons })),
    worstCaseMs: scenarioWorstCaseMs(request.scenario, room.target.data.length),
    targetMs,
    maximumMs,
    refusals: request.scenario === 'emergency' ? [] : readFindings(room).git.refusals,
  };
}

/** A partial rollback decides about limits and switches; both systems stay. */
async function forecastPart(room: Room, request: ObserveRequest): Promise<PlanForecast> {
  const recovery = await planPartial(room);
  const containment = readContainmentPlan(room);
  const plan = readPartialPlan(room);
  const limited = new Set(plan.limits.map(({ id }) => id));
  return {
    kind: 'plan',
    at: new Date(room.world.now()).toISOString(),
    experiment: list(containment.experiment, ({ id }) => (limited.has(id) ? 'limited, goes on' : 'goes on')),
    stable: list(containment.stable, () => 'not touched'),
    recovery,
    decisions: [],
    worstCaseMs: scenarioWorstCaseMs(request.scenario, room.target.data.length),
    ...timeTargetOf(request.target, request.scenario),
    refusals: plan.notes,
  };
}

function list(containers: readonly PlannedContainer[], fate: (container: PlannedContainer) => string) {
  return {
    count: containers.length,
    containers: containers.slice(0, listed).map((container) => ({
      name: container.name,
      service: container.service,
      state: container.state,
      why: container.why,
      fate: fate(container),
    })),
  };
}

function fateOfStable(container: PlannedContainer, recreated: ReadonlySet<string>, stopped: readonly string[]): string {
  if (container.service !== null && recreated.has(container.service))
    return 'captured whole, then replaced on the image of the checkpoint';
  if (stopped.includes(container.id)) return 'stopped for the restore of its data, then started again';
  if (container.state === 'running') return 'not touched';
  return 'started';
}
