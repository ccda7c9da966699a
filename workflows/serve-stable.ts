import { runStep } from './run-step.ts';
import type { Story } from './story.ts';
import { nextContext } from './story.ts';

/** Whatever failed before, the last act is an attempt to have the stable system serve (design §3). */
export async function serveStable(story: Story): Promise<void> {
  if (story.incident.board.healthyAt !== null) return;
  story.incident.notice('The stable system is not proven healthy: an attempt to have it serve.');
  await runStep(nextContext(story), { phase: 'judgement', step: 'startStable' });
  const health = await runStep(nextContext(story), { phase: 'judgement', step: 'awaitStableHealth' });
  if ('result' in health && health.result.outcome === 'done') {
    story.incident.update({ healthyAt: new Date().toISOString() });
  }
}
