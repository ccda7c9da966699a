import { setTimeout as wait } from 'node:timers/promises';
import { processStart } from '../../vault/processes.ts';
import type { DemoPractice } from './practice.ts';
import type { DemoStory } from './stories.ts';

export interface Killed {
  readonly pid: number;
  /** Key of the step that was at work. */
  readonly step: string;
  /** Whether the step had ended when the worker was gone; normally not. */
  readonly stepEnded: boolean;
}

const everyMs = 15;

/**
 * Waits until the journal says that the step is at work, and kills the worker with SIGKILL.
 * @returns null when the rollback was over before, or had no such step
 */
export async function killWorkerIn(
  practice: DemoPractice,
  { step }: DemoStory['killIn'],
  over: () => boolean,
): Promise<Killed | null> {
  while (!over()) {
    const opened = practice.journal().find((record) => record.kind === 'open' && step.test(record.step));
    const worker = practice.worker();
    if (opened !== undefined && worker !== undefined && processStart(worker.pid) === worker.pidStart) {
      process.kill(worker.pid, 'SIGKILL');
      while (processStart(worker.pid) === worker.pidStart) await wait(everyMs);
      const stepEnded = practice
        .journal()
        .some((record) => record.kind === 'close' && record.step === opened.step && record.seq > opened.seq);
      return { pid: worker.pid, step: opened.step, stepEnded };
    }
    await wait(everyMs);
  }
  return null;
}
