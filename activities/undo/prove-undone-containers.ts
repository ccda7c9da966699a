import type { UndoProven } from '../../contract/undo.ts';
import type { ActBody } from '../kernel/room.ts';
import { planContainers } from './plan-containers.ts';
import { undoneRollback } from './undone-rollback.ts';

/** Looks at the engine itself: what would still have to be done for a container to be as before. */
export const proveUndoneContainers: ActBody<UndoProven> = async (room) => {
  const undone = undoneRollback(room);
  const { changes } = await planContainers(room, undone);
  const count = undone.stable.length + undone.experiment.length;
  const wrong = changes.map(({ name, was, now }) => `${name} is ${now?.state ?? 'gone'} and was ${was}`);
  return {
    outcome: 'done',
    reason: wrong.length === 0 ? `${count} container(s) are in the state they were in.` : wrong.slice(0, 5).join('; '),
    wrong: wrong.slice(0, 20),
    unknown: [],
    figures: { containers: count, wrong: wrong.length },
  };
};
