import { evidenceShare } from '../../runbook/full-disk.ts';
import { freeBytes } from '../../vault/ballast.ts';
import type { Room } from '../kernel/room.ts';
import type { LogBounds } from './capture-log.ts';

const emergencyBytes = 16 * 1024 * 1024;

/**
 * The target's limits, shared out, and never more than the disk has to spare; an emergency keeps less and waits less.
 * What is not kept stays in the containers, which are kept.
 */
export function logBoundsFor(room: Pick<Room, 'target' | 'input' | 'layout'>, containers: number): LogBounds {
  const { logBytesPerContainer, logBytesTotal } = room.target.evidence.limits;
  const share = Math.floor(logBytesTotal / Math.max(1, containers));
  const wanted = Math.max(4_096, Math.min(logBytesPerContainer, share));
  const most = evidenceShare(wanted, freeBytes(room.layout.root), containers);
  return room.input.mode === 'emergency'
    ? { maxBytes: Math.min(most, emergencyBytes), maxMs: 10_000 }
    : { maxBytes: most, maxMs: 40_000 };
}
