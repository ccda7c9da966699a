import { runStep } from './run-step.ts';
import type { Story } from './story.ts';
import { nextContext } from './story.ts';

/**
 * Whatever failed before, the last act is an attempt to have the stable system serve (design §3). Also where it was
 * proven healthy: an engine that died since has taken it down.
 */
export async function serveStable(story: Story): Promise<void> {
  const proven = story.incident.board.healthyAt !== null;
  if (!proven) story.incident.notice('The stable system is not proven healthy: an attempt to have it serve.');
  const started = await runStep(nextContext(story), { phase: 'judgement', step: 'startStable' });
  if (proven && 'result' in started && started.result.outcome === 'already-done') return;
  if (proven) story.incident.notice('Something of the stable system was down again and was started.');
  const health = await runStep(nextContext(story), { phase: 'judgement', step: 'awaitStableHealth' });
  if ('result' in health && health.result.outcome === 'done') {
    story.incident.update({ healthyAt: new Date().toISOString() });
  }
}
