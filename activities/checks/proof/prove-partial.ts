import type { PartialPlan } from '../../../contract/records.ts';
import type { Measurement } from '../../../runbook/judge.ts';
import type { PartialScenario } from '../../../runbook/scenarios.ts';
import { findRecord } from '../../kernel/records.ts';
import type { Room } from '../../kernel/room.ts';
import { isLimitedTo, limitText } from '../../partial/limit-experiment.ts';
import { seeTraffic, trafficText } from '../../partial/prove-traffic.ts';
import { look } from '../../partial/set-switches.ts';
import type { SwitchOf } from '../../partial/switches/switch-kind.ts';
import { allOf, few, type Proof } from './proof.ts';

/** What a partial rollback was for, looked at anew: by inspect, by asking every switch, by where requests end up. */
export async function provePartial(room: Room, scenario: PartialScenario): Promise<Proof> {
  const plan = findRecord(room, 'partial');
  if (plan === undefined || plan.scenario !== scenario) {
    const none = { status: 'unknown', measured: 'no plan of this partial rollback was made' } as const;
    return { items: { 'load-reduced': none, 'traffic-to-stable': none, 'experiment-runs': none }, seen: null };
  }
  const items = await itemsOf(room, scenario, plan);
  return { items, exceptions: plan.notes, seen: { plan, items } };
}

async function itemsOf(room: Room, scenario: PartialScenario, plan: PartialPlan): Promise<Proof['items']> {
  switch (scenario) {
    case 'api-issues':
      return proveTraffic(room, plan);
    case 'performance-only':
      return proveLoad(room, plan);
    case 'data-migration':
      return { 'experiment-runs': await proveRuns(room) };
  }
}

async function proveLoad(room: Room, plan: PartialPlan): Promise<Proof['items']> {
  const limiter = room.target.partial.performance?.limiter ?? [];
  const seen = [...(await proveLimits(room, plan)), ...(await proveSwitches(room, plan, limiter))];
  return {
    'load-reduced': allOf(seen, 'the plan limits nothing'),
    'experiment-runs': await proveRuns(room),
  };
}

async function proveTraffic(room: Room, plan: PartialPlan): Promise<Proof['items']> {
  const switches = await proveSwitches(room, plan, room.target.partial.integration?.switches ?? []);
  const seen = await seeTraffic(room);
  const traffic = { status: seen.elsewhere.length === 0 ? 'pass' : 'fail', measured: trafficText(seen) } as const;
  return { 'traffic-to-stable': allOf([traffic, ...switches], 'nobody asked') };
}

function proveLimits(room: Room, { limits }: PartialPlan): Promise<readonly Measurement[]> {
  return Promise.all(
    limits.map(async ({ id, name, wanted }): Promise<Measurement> => {
      const now = await room.world.docker.limits(id);
      if (now === undefined) return { status: 'unknown', measured: `${name} is gone: what replaced it is not limited` };
      const status = isLimitedTo(now, wanted) ? 'pass' : 'fail';
      return { status, measured: `${name} may use ${limitText(now)}` };
    }),
  );
}

async function proveSwitches(
  room: Room,
  { switches }: PartialPlan,
  declared: readonly SwitchOf[],
): Promise<readonly Measurement[]> {
  const seen: Measurement[] = [];
  for (const what of declared.filter(({ name }) => switches.includes(name))) {
    const { set, said } = await look(room, what);
    seen.push({ status: set ? 'pass' : 'fail', measured: `${what.name}: ${said}` });
  }
  return seen;
}

/** Those that ran when the rollback began, by id: a partial rollback leaves the experiment at work. */
async function proveRuns(room: Room): Promise<Measurement> {
  const limiter = room.target.partial.performance?.limiter ?? [];
  // What a limiter stops is meant to be down.
  const off = limiter.flatMap((each) => (each.kind === 'service' && each.state === 'stopped' ? [each.service] : []));
  const planned = (findRecord(room, 'containment')?.experiment ?? [])
    .filter(({ state }) => state === 'running')
    .filter(({ name, service }) => !off.includes(name) && (service === null || !off.includes(service)));
  const seen = await Promise.all(
    planned.map(async ({ id, name }) => ({ name, state: (await room.world.docker.inspect(id))?.state ?? 'gone' })),
  );
  const down = seen.filter(({ state }) => state !== 'running').map(({ name, state }) => `${name} is ${state}`);
  if (down.length > 0) return { status: 'fail', measured: few(down) };
  return { status: 'pass', measured: `${seen.length} containers of the experiment run as before` };
}
