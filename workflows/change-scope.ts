import { timeTargetOf } from '../runbook/time-targets.ts';
import type { ScopeWish } from './messages.ts';
import { runOwnStep } from './run-own-step.ts';
import type { Story } from './story.ts';

/**
 * The rollback becomes another one: what is done stays known, since acts look at the world and evidence is not taken
 * twice; everything else is planned anew.
 */
export async function changeScope(story: Story, wish: ScopeWish): Promise<void> {
  const { request, incident } = story;
  const before = request.scenario;
  story.wishes.scope = null;
  story.request = { ...request, scenario: wish.scenario };
  story.settled = story.settled.filter((key) => isEvidence(key));
  const { containment } = story.plans;
  story.plans = containment === undefined ? {} : { containment };
  story.recovery = undefined;
  story.relief = undefined;
  story.migration = undefined;
  const { targetMs, maximumMs } = timeTargetOf(request.target, wish.scenario);
  const from = Date.parse(request.clockFrom);
  incident.notice(`The scope changes from ${before} to ${wish.scenario} (${wish.by}): ${wish.why}.`, {
    scenario: wish.scenario,
    targetAt: new Date(from + targetMs * request.timeScale).toISOString(),
    maximumAt: new Date(from + maximumMs * request.timeScale).toISOString(),
    recoveryHash: null,
    discards: [],
    healthyAt: null,
  });
  await runOwnStep(story, 'preparation', 'changeScope');
}

function isEvidence(key: string): boolean {
  return /\.(capture|record)[A-Z]/.test(key);
}
