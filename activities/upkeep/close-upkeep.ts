import { releaseLock } from '../../vault/lock.ts';
import { identityAtStart } from '../kernel/identity.ts';
import type { ActBody } from '../kernel/room.ts';
import { lockKeyOf } from '../preparation/take-environment.ts';

/** Releases the environment; the journal stays. */
export const closeUpkeep: ActBody = async (room) => {
  const identity = await identityAtStart(room);
  room.beforeEffect();
  releaseLock(lockKeyOf(identity, room.target), room.input.rollbackId);
  return { outcome: 'done', reason: 'The environment is free.' };
};
