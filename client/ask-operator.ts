import { isCancel, select } from '@clack/prompts';
import type { Question } from '../contract/board.ts';
import { formatDuration } from '../runbook/duration.ts';
import { clockTime, oneLine } from './text.ts';

/** What became of a question put on this terminal. */
export type Asked = { readonly option: string } | 'closed' | 'detached';

const tickMs = 1_000;

/**
 * Puts the open question on the terminal, with the time that is left counting down.
 * @param stillOpen asked each second: somebody else may answer first, or the deadline may pass
 */
export async function askOperator(question: Question, stillOpen: () => Promise<boolean>): Promise<Asked> {
  const closed = new AbortController();
  const tick = setInterval(() => {
    // The prompt paints itself anew when the terminal is resized; that is how the countdown moves.
    process.stdout.emit('resize');
    void stillOpen().then((open) => (open ? undefined : closed.abort()));
  }, tickMs);
  try {
    const chosen = await select({
      get message() {
        return `${oneLine(question.text)}\n${countdown(question, Date.now())}`;
      },
      options: question.options.map(({ name, means }) => ({ value: name, label: name, hint: means })),
      initialValue: question.defaultOption,
      signal: closed.signal,
    });
    if (closed.signal.aborted) return 'closed';
    return isCancel(chosen) ? 'detached' : { option: chosen };
  } finally {
    clearInterval(tick);
  }
}

/** What holds without an answer, and when. */
export function countdown({ deadline, defaultOption }: Question, now: number): string {
  const left = Date.parse(deadline) - now;
  if (left <= 0) return `The time is up: ${defaultOption} holds.`;
  return `Without an answer ${defaultOption} holds in ${formatDuration(left)}, at ${clockTime(deadline)}.`;
}
