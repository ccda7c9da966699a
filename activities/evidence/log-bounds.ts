import type { Room } from '../kernel/room.ts';
import type { LogBounds } from './capture-log.ts';

const emergencyBytes = 16 * 1024 * 1024;

/** The target's limits, shared out; an emergency keeps less and waits less. */
export function logBoundsFor(room: Pick<Room, 'target' | 'input'>, containers: number): LogBounds {
  const { logBytesPerContainer, logBytesTotal } = room.target.evidence.limits;
  const share = Math.floor(logBytesTotal / Math.max(1, containers));
  const most = Math.max(4_096, Math.min(logBytesPerContainer, share));
  return room.input.mode === 'emergency'
    ? { maxBytes: Math.min(most, emergencyBytes), maxMs: 10_000 }
    : { maxBytes: most, maxMs: 40_000 };
}
