import { capVerdict } from '../runbook/cap-verdict.ts';
import { supportLine } from '../runbook/support-line.ts';
import { runOwnStep } from './run-own-step.ts';
import type { StepAttempt } from './run-step.ts';
import { serveStable } from './serve-stable.ts';
import type { Story } from './story.ts';

const mostRounds = 3;

/**
 * The verdict: read from the world at the end, never from "we got here" (design §4.13). A stable system that was started
 * anew while it was looked at is judged once more: its answers were those of another.
 */
export async function judge(story: Story): Promise<void> {
  story.incident.update({ phase: 'judgement', child: null });
  let attempt = await runOwnStep(story, 'judgement', 'judgeWorld');
  for (let round = 2; round <= mostRounds && wasDisturbed(attempt); round += 1) {
    story.incident.notice('The stable system went down or came up while it was judged: it is judged once more.');
    await serveStable(story);
    attempt = await runOwnStep(story, 'judgement', 'judgeWorld');
  }
  const seen =
    'result' in attempt
      ? { verdict: attempt.result.verdict, reasons: attempt.result.reasons }
      : { verdict: 'not-proven' as const, reasons: [`The world could not be judged: ${attempt.exhausted.reason}`] };
  if (story.wishes.cancel && story.ending === 'finished') story.ending = 'cancelled';
  const { verdict, reasons } = capVerdict(seen, story.ending, story.caveats);
  story.incident.update({ verdict, verdictReasons: reasons.slice(0, 8) });
  if (verdict === 'failed') story.incident.notice(supportLine(story.request.target.contacts));
}

function wasDisturbed(attempt: StepAttempt<'judgeWorld'>): boolean {
  return 'result' in attempt && attempt.result.figures?.['disturbed'] === 1;
}
