import { identityNote, identityOf } from '../../../activities/kernel/identity.ts';
import { openRoom } from '../../../activities/kernel/open-room.ts';
import type { ActBody } from '../../../activities/kernel/room.ts';
import { closeUndo } from '../../../activities/undo/close-undo.ts';
import { openUndo } from '../../../activities/undo/open-undo.ts';
import { planUndo } from '../../../activities/undo/plan-undo.ts';
import { undoIdOf } from '../../../contract/ids.ts';
import type { StepInput, StepResult } from '../../../contract/step.ts';
import type { UndoEnded, UndoOpened, UndoPlanned, UndoRequest } from '../../../contract/undo.ts';
import { snapshotOf } from '../../../target/snapshot.ts';
import type { TestRoom } from './room.ts';

/** The undo of the rollback that a test room stands for, act by act as its workflow runs them. */
export interface TestUndo {
  open(): Promise<UndoOpened>;
  /** Plans; later acts carry the plan's hash. */
  plan(): Promise<UndoPlanned>;
  run<R extends StepResult>(act: ActBody<R>, input?: Partial<StepInput>): Promise<R>;
  close(ended: UndoEnded): Promise<StepResult>;
}

export function undoOf(test: TestRoom): TestUndo {
  const { room, world, target } = test;
  const { rollbackId, environment } = room.input;
  const { hash: targetHash } = snapshotOf(target);
  const who = { epoch: room.input.epoch, step: 'preparation.openRollback', schedule: 1, attempt: 1 };
  let input: StepInput = { ...room.input, rollbackId: undoIdOf(rollbackId), key: 'undo.openUndo', epoch: 0, plans: {} };
  let attempts = 0;
  const run: TestUndo['run'] = async (act, over = {}) => {
    attempts += 1;
    const own = { ...input, key: `undo.${act.name}:${over.options?.root ?? ''}`, ...over };
    const attempt = { input: own, attempt: attempts, signal: test.abort.signal, progress: () => undefined };
    const undoRoom = await openRoom(world, attempt, 'undo');
    try {
      const result = await act(undoRoom);
      undoRoom.ended(result.outcome, result.reason);
      return result;
    } finally {
      undoRoom.close();
    }
  };
  return {
    async open() {
      const identity = await identityOf(world);
      const at = new Date().toISOString();
      room.journal.append({ at, ...who, kind: 'note', text: identityNote, detail: { ...identity } });
      const by = { account: 'test', uid: 0, host: 'here' };
      const request: UndoRequest = {
        ...{ environment, rollbackId, by, why: 'test', yes: true, agreedPlan: null, target, targetHash, timeScale: 1 },
      };
      const opened = await openUndo(world, input, request);
      input = { ...input, epoch: opened.epoch };
      return opened;
    },
    async plan() {
      const planned = await run(planUndo);
      input = { ...input, plans: { undo: planned.hash } };
      return planned;
    },
    run,
    close: (ended) => run((undoRoom) => closeUndo(undoRoom, ended), { key: 'undo.closeUndo' }),
  };
}
