import { capVerdict } from '../runbook/cap-verdict.ts';
import { supportLine } from '../runbook/support-line.ts';
import { runOwnStep } from './run-own-step.ts';
import type { Story } from './story.ts';

/** The verdict: read from the world at the end, never from "we got here" (design §4.13). */
export async function judge(story: Story): Promise<void> {
  story.incident.update({ phase: 'judgement', child: null });
  const attempt = await runOwnStep(story, 'judgement', 'judgeWorld');
  const seen =
    'result' in attempt
      ? { verdict: attempt.result.verdict, reasons: attempt.result.reasons }
      : { verdict: 'not-proven' as const, reasons: [`The world could not be judged: ${attempt.exhausted.reason}`] };
  if (story.wishes.cancel && story.ending === 'finished') story.ending = 'cancelled';
  const { verdict, reasons } = capVerdict(seen, story.ending, story.caveats);
  story.incident.update({ verdict, verdictReasons: reasons.slice(0, 8) });
  if (verdict === 'failed') story.incident.notice(supportLine(story.request.target.contacts));
}
