import type { ExportedPlans, ObserveRequest } from '../../contract/observe.ts';
import { planContainment } from '../containers/plan-containment.ts';
import { checkIntegrity } from '../data/check-integrity.ts';
import { planRecovery } from '../data/plan-recovery.ts';
import { readContainmentPlan, readFindings, readRecoveryPlan } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';

/** The plans that a rollback would make now, made by the very acts that make them, for a script that carries them out. */
export async function exportPlans(room: Room, request: ObserveRequest): Promise<ExportedPlans> {
  await planContainment(room);
  if (request.scenario !== 'emergency') await checkIntegrity(room);
  await planRecovery(room);
  const findings = request.scenario === 'emergency' ? undefined : readFindings(room);
  return {
    kind: 'export',
    containment: readContainmentPlan(room),
    recovery: readRecoveryPlan(room),
    paths: (findings?.roots ?? []).map(({ root, path }) => ({ root, path })),
    refusals: findings?.git.refusals ?? [],
  };
}
