import type { UpkeepActivities } from '../../contract/activities.ts';
import { asActivity, attemptOf } from '../kernel/act.ts';
import type { World } from '../kernel/world.ts';
import { closeUpkeep } from './close-upkeep.ts';
import { commitRollback } from './commit-rollback.ts';
import { openUpkeep } from './open-upkeep.ts';
import { planPrune } from './plan-prune.ts';
import { pruneKept } from './prune-kept.ts';
import { recoverPaths } from './recover-paths.ts';

/** Every activity of an upkeep, on the given world. */
export function upkeepActs(world: World): UpkeepActivities {
  return {
    openUpkeep: (input, request) => attemptOf(world.stateRoot, input, () => openUpkeep(world, input, request)),
    recoverPaths: (input, task) => asActivity(world, (room) => recoverPaths(room, task), 'upkeep')(input),
    commitRollback: (input, id) => asActivity(world, (room) => commitRollback(room, id), 'upkeep')(input),
    planPrune: (input, olderThanMs) => asActivity(world, (room) => planPrune(room, olderThanMs), 'upkeep')(input),
    pruneKept: asActivity(world, pruneKept, 'upkeep'),
    closeUpkeep: asActivity(world, closeUpkeep, 'upkeep'),
  };
}
