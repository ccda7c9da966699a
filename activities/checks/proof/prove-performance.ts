import type { Room } from '../../kernel/room.ts';
import { judgeMeasured } from '../judge-measured.ts';
import { measure } from '../measure.ts';
import type { Known, Proof } from './proof.ts';

/** Numbers taken anew; log lines from before the experiment was taken out belong to the incident. */
export async function provePerformance(room: Room, { checkpoint, containment }: Known): Promise<Proof> {
  const measured = await measure(room, room.target.performance.samples, containment?.at);
  return { items: judgeMeasured(room.target, measured, checkpoint?.baseline ?? null), seen: measured };
}
