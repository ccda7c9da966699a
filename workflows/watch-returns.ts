import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { runStep } from './run-step.ts';
import type { Story } from './story.ts';
import { nextContext } from './story.ts';

/** Watches beside the phases that the experiment stays out; what it saw is read from disk by the judgement. */
export function watchReturns(story: Story): { cancel(): void } {
  const scope = new CancellationScope();
  void scope
    .run(() => runStep(nextContext(story), { phase: 'immediateResponse', step: 'watchExperiment' }))
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  return { cancel: () => scope.cancel() };
}
