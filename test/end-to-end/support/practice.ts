import { createLab, type Lab, type LabOptions } from '../../../lab/lab.ts';
import { type EngineEvents, listen } from './engine-events.ts';
import { type Operator, operatorOf } from './operator.ts';

/** A practice system, the `rollback` command as a user has it, and the engine as witness. */
export interface Practice extends Operator {
  readonly lab: Lab;
  readonly environment: string;
  readonly events: EngineEvents;
}

/**
 * Makes a lab with a checkpoint and a running experiment, hands it over, and takes all of it away again.
 * @param options.checkpoint false: only the git tag is known
 */
export async function withPractice(
  options: LabOptions & { readonly checkpoint?: boolean },
  use: (practice: Practice) => Promise<void>,
): Promise<void> {
  const lab = await createLab({ ...options, until: 'stable' });
  const events = await listen(lab.docker);
  try {
    const environment = `lab-${lab.id}`;
    const practice: Practice = { lab, environment, events, ...operatorOf({ ...lab, environment }) };
    if (options.checkpoint !== false) await makeCheckpoint(practice);
    if (options.until !== 'stable') await lab.experimentUp();
    await use(practice);
  } finally {
    events.close();
    await lab.destroy();
  }
}

/** @throws Error with what the command said */
export async function makeCheckpoint(operator: Operator): Promise<void> {
  const made = await operator.rollback('checkpoint', 'create', '--reason', 'before the experiment');
  if (made.code !== 0) throw new Error(`No checkpoint could be made:\n${made.text}`);
}
