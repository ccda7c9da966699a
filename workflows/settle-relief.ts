import { ask } from './ask.ts';
import type { Story } from './story.ts';

/** Limits and limiter did not help in time: the full rollback is proposed (runbook, "Scenario 2"). */
export async function settleRelief(story: Story): Promise<void> {
  const asked = await ask(story, {
    kind: 'not-better',
    id: `not-better/${story.children}`,
    text: 'The performance is not back within its limits, although the experiment is limited. Take the experiment out?',
    deadlineMs: story.questionMs,
  });
  const { relief, request } = story;
  const watch = request.target.partial.performance?.watch;
  if (asked === null || relief === undefined || watch === undefined) return;
  const by = asked.by ?? 'default, nobody answered';
  switch (asked.option) {
    case 'keep':
      story.caveats = [
        ...story.caveats,
        `The performance did not get better; both systems stay, limited: decided by ${by}`,
      ];
      story.relief = { ...relief, accepted: true };
      return;
    case 'watch-on':
      story.relief = {
        taken: relief.taken,
        good: 0,
        until: new Date(Date.now() + watch.forMs * request.timeScale).toISOString(),
      };
      return;
    default:
      story.wishes.scope = { scenario: 'performance-issues', by, why: 'the performance did not get better' };
  }
}
