import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { suspectsData } from '../runbook/scenarios.ts';
import { runStep } from './run-step.ts';
import type { Story } from './story.ts';
import { nextContext } from './story.ts';

/**
 * Watches beside the phases that the experiment stays out; what it saw is read from disk by the judgement. What comes back
 * is put back as hard as it was taken out. A watch that ends by itself is told: nobody looked from then on.
 */
export function watchReturns(story: Story): { cancel(): void } {
  const { scenario, security } = story.request;
  const options = { security, suspectData: story.mode === 'emergency' || suspectsData(scenario) };
  const scope = new CancellationScope();
  void scope
    .run(async () => {
      const call = { phase: 'immediateResponse', step: 'watchExperiment', options } as const;
      const ended = await runStep(nextContext(story), call);
      const why = 'exhausted' in ended ? ended.exhausted.reason : ended.result.reason;
      const text = `Nobody watched any more that the experiment stays out: ${why}`;
      story.caveats = [...story.caveats, text];
      story.incident.notice(text);
    })
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  return { cancel: () => scope.cancel() };
}
