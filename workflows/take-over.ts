import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { Story } from './story.ts';

/** The operator wants the emergency path, and it is not at work yet. */
export function isTakenOver({ wishes, mode }: Story): boolean {
  return wishes.emergency !== null && mode !== 'emergency';
}

/**
 * Steps of the parent itself, ended as soon as the emergency path is wanted: whoever was told that it takes over now
 * must not wait for a health check or a judgement.
 */
export async function unlessTakenOver(story: Story, run: () => Promise<void>): Promise<void> {
  if (isTakenOver(story)) return;
  const scope = new CancellationScope();
  let ended = false;
  const work = scope.run(run).finally(() => {
    ended = true;
  });
  // Looked at below; until then a rejection must not count as unhandled.
  work.catch(() => undefined);
  await condition(() => ended || isTakenOver(story));
  if (!ended) scope.cancel();
  try {
    await work;
  } catch (error) {
    if (!isCancellation(error) || !isTakenOver(story)) throw error;
  }
}
