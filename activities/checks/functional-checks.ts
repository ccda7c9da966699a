import type { Room } from '../kernel/room.ts';
import { type Answered, askProbe } from './ask-probe.ts';

export interface CheckAnswer extends Answered {
  readonly id: string;
  readonly title: string;
  readonly required: boolean;
  readonly proves: readonly string[];
}

/** Asks every functional check of the target once, in order. */
export async function askChecks(room: Pick<Room, 'world' | 'signal' | 'target'>): Promise<readonly CheckAnswer[]> {
  const answers: CheckAnswer[] = [];
  for (const check of room.target.checks) {
    const { id, title, required, proves } = check;
    answers.push({ id, title, required, proves, ...(await askProbe(room, check)) });
  }
  return answers;
}
