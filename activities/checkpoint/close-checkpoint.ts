import { releaseLock } from '../../vault/lock.ts';
import { thawLeft } from '../data/while-frozen.ts';
import { identityAtStart } from '../kernel/identity.ts';
import type { ActBody } from '../kernel/room.ts';
import { lockKeyOf } from '../preparation/take-environment.ts';

/** Releases the environment; the checkpoint's folder stays, sealed or not. */
export const closeCheckpoint: ActBody = async (room) => {
  const thawed = await thawLeft(room);
  const identity = await identityAtStart(room);
  releaseLock(lockKeyOf(identity, room.target), room.input.rollbackId);
  return {
    outcome: 'done',
    reason: `the environment is free${thawed.length === 0 ? '' : `; ${thawed.join(', ')} unpaused`}`,
  };
};
