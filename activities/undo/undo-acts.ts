import type { UndoActivities } from '../../contract/activities.ts';
import { asActivity, attemptOf } from '../kernel/act.ts';
import type { World } from '../kernel/world.ts';
import { closeUndo } from './close-undo.ts';
import { openUndo } from './open-undo.ts';
import { planUndo } from './plan-undo.ts';
import { proveUndoneContainers } from './prove-undone-containers.ts';
import { proveUndoneFiles } from './prove-undone-files.ts';
import { stopForUndo } from './stop-for-undo.ts';
import { undoContainers } from './undo-containers.ts';
import { undoData } from './undo-data.ts';
import { undoRepository } from './undo-repository.ts';

/** Every activity of an undo, on the given world. */
export function undoActs(world: World): UndoActivities {
  return {
    openUndo: (input, request) => attemptOf(world.stateRoot, input, () => openUndo(world, input, request)),
    planUndo: asActivity(world, planUndo, 'undo'),
    stopForUndo: asActivity(world, stopForUndo, 'undo'),
    undoData: asActivity(world, undoData, 'undo'),
    undoRepository: asActivity(world, undoRepository, 'undo'),
    proveUndoneFiles: asActivity(world, proveUndoneFiles, 'undo'),
    undoContainers: asActivity(world, undoContainers, 'undo'),
    proveUndoneContainers: asActivity(world, proveUndoneContainers, 'undo'),
    closeUndo: (input, ended) => asActivity(world, (room) => closeUndo(room, ended), 'undo')(input),
  };
}
