import { decideScope, type ScopeState } from '../runbook/decide-choice.ts';
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
  // The step that was at work when it was chosen may have done what makes it pointless.
  const decision = decideScope(scopeStateOf(story), wish.scenario);
  story.wishes.scope = null;
  if (!decision.accepted) {
    incident.notice(`The scope stays ${before}: ${decision.text}`);
    return;
  }
  story.request = { ...request, scenario: wish.scenario };
  story.settled = story.settled.filter((key) => isEvidence(key));
  const { containment } = story.plans;
  story.plans = containment === undefined ? {} : { containment };
  story.recovery = undefined;
  story.relief = undefined;
  story.migration = undefined;
  const { targetMs, maximumMs } = timeTargetOf(request.target, wish.scenario);
  const from = Date.parse(request.clockFrom);
  incident.notice(`The scope changes from ${before} to ${wish.scenario} (${wish.by}): ${wish.why}. ${decision.text}`, {
    scenario: wish.scenario,
    targetAt: new Date(from + targetMs * request.timeScale).toISOString(),
    maximumAt: new Date(from + maximumMs * request.timeScale).toISOString(),
    recoveryHash: null,
    discards: [],
    healthyAt: null,
  });
  await runOwnStep(story, 'preparation', 'changeScope');
}

/** What a choice is decided by. */
export function scopeStateOf({ request, mode, settled }: Story): ScopeState {
  return {
    scenario: request.scenario,
    emergency: mode === 'emergency',
    done: settled,
    partial: request.target.partial,
  };
}

function isEvidence(key: string): boolean {
  return /\.(capture|record)[A-Z]/.test(key);
}
