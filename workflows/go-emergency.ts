import { conductPhase } from './conduct.ts';
import { take, takePlan } from './prepare.ts';
import { runOwnStep } from './run-own-step.ts';
import type { Story } from './story.ts';

/** The emergency path takes a running rollback over: a higher epoch first, so that no older attempt acts any more. */
export async function goEmergency(story: Story): Promise<void> {
  const { emergency } = story.wishes;
  story.mode = 'emergency';
  story.request = { ...story.request, security: story.request.security || emergency?.security === true };
  // A plan of the full rollback is none of this path's: nobody was asked about it, and its data go back by other rules.
  story.recovery = undefined;
  const { containment } = story.plans;
  story.plans = containment === undefined ? {} : { containment };
  story.ending = 'finished';
  story.wishes.cancel = null;
  story.wishes.paused = false;
  story.incident.notice(`The emergency path takes over${emergency ? `: ${emergency.why}` : ''}.`, {
    mode: 'emergency',
  });
  story.people.tell('taken-over', emergency?.why ?? 'decided by the operator');
  const taken = await runOwnStep(story, 'emergency', 'takeOver');
  if ('result' in taken) take(story, taken.result);
  const planned = await runOwnStep(story, 'emergency', 'planContainment');
  if ('result' in planned) takePlan(story, planned.result);
  await conductPhase(story, 'emergencyRollback', 'emergency');
}
