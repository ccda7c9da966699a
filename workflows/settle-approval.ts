import type { PhaseResult } from '../contract/rollback.ts';
import { ask } from './ask.ts';
import type { Story } from './story.ts';

/** Before anything is destroyed: first what no check could decide, root by root, then the plan as a whole, by its hash. */
export async function settleApproval(story: Story, result: PhaseResult): Promise<void> {
  const plan = result.recovery;
  if (!plan) return;
  const open = plan.questions.filter((question) => !story.choices.some((choice) => choice.root === question.root));
  for (const question of open) {
    const asked = await ask(story, {
      kind: 'choose-data',
      id: `choose-data/${question.root}/${story.children}`,
      text: `Data root ${question.root}: ${question.why}`,
      deadlineMs: story.questionMs,
      planHash: plan.hash,
    });
    if (asked === null) return;
    const action = asked.option === 'put-back' ? 'put-back' : 'leave';
    story.choices = [...story.choices, { root: question.root, action }];
  }
  if (open.length > 0) {
    // The choices make another plan; it is computed from the same findings.
    story.settled = story.settled.filter((key) => !key.endsWith('.planRecovery'));
    return;
  }
  const asked = await ask(story, {
    kind: 'confirm-plan',
    id: `confirm-plan/${plan.hash.slice(0, 12)}`,
    text: `The recovery plan discards: ${plan.discards.map((discard) => discard.what).join('; ') || 'nothing'}. Carry it out?`,
    deadlineMs: story.questionMs,
    planHash: plan.hash,
  });
  if (asked?.option === 'carry-out') story.agreedPlans = [...story.agreedPlans, plan.hash];
  if (asked?.option === 'leave') {
    story.leaveData = true;
    story.caveats = [
      ...story.caveats,
      `Data and files were left as they are: decided by ${asked.by ?? 'default, nobody answered'}`,
    ];
  }
}
