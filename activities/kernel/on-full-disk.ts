import type { StepInput } from '../../contract/step.ts';
import { rungsOf } from '../../runbook/full-disk.ts';
import { type StepName, steps } from '../../runbook/steps.ts';
import { releaseBallast } from '../../vault/ballast.ts';
import { environmentLayout } from '../../vault/layout.ts';
import { asActFailure } from './failures.ts';

/** Whether fence and journal of an attempt are written before its effects, or when there is space. */
export type Keeping = 'on-disk' | 'in-memory';

/**
 * Runs an act, and where its disk is full climbs the ladder of runbook/full-disk.ts: the act is run again after each
 * rung, since acts look at the world first and do only what is missing.
 * @throws what the last run threw
 */
export async function onFullDisk<R>(
  stateRoot: string,
  input: Pick<StepInput, 'environment' | 'key'>,
  run: (keeping: Keeping) => Promise<R>,
): Promise<R> {
  const rungs = rungsOfKey(input.key);
  try {
    return await run('on-disk');
  } catch (error) {
    if (!isFull(error)) throw error;
    const freed = rungs.includes('free-ballast') && releaseBallast(ballastOf(stateRoot, input.environment)) > 0;
    if (!freed && !rungs.includes('in-memory')) throw error;
    if (!freed) return await run('in-memory');
  }
  try {
    return await run('on-disk');
  } catch (error) {
    // Whoever fills the disk may have been quicker than we were.
    if (!isFull(error) || !rungs.includes('in-memory')) throw error;
    return await run('in-memory');
  }
}

function isFull(error: unknown): boolean {
  return asActFailure(error).kind === 'no-space';
}

function ballastOf(stateRoot: string, environment: string): string {
  return environmentLayout(stateRoot, environment).ballastFile;
}

/** Keys are `phase.step` or `phase.step:suffix`; what is no row of the table, as of a checkpoint, may have the ballast. */
function rungsOfKey(key: string): ReturnType<typeof rungsOf> {
  const step = /^[^.]*\.([^:]*)/.exec(key)?.[1] ?? '';
  return isStep(step) ? rungsOf(step) : ['free-ballast', 'ask'];
}

function isStep(name: string): name is StepName {
  return Object.hasOwn(steps, name);
}
