import type { StepInput } from '../../contract/step.ts';
import type { Target } from '../../target/schema.ts';
import { environmentLayout } from '../../vault/layout.ts';
import { openGit } from '../adapters/git.ts';
import { findCommit } from '../git/resolve-commit.ts';
import { asActFailure } from '../kernel/act.ts';
import { ActFailure, type FailureKind } from '../kernel/failures.ts';
import { readCheckpoint } from '../kernel/records.ts';
import type { World } from '../kernel/world.ts';

interface Unready {
  readonly kind: FailureKind;
  readonly what: string;
}

/**
 * Refuses to begin what could not be ended: no compose to start the stable system with, a checkpoint that does not
 * exist. Everything missing is named at once. The Docker Engine has answered before this is asked.
 *
 * The emergency path is not kept waiting: to stop the experiment needs neither.
 * @throws ActFailure `tool-missing` or `unknown-checkpoint`; nothing was changed
 */
export async function refuseUnready(
  world: World,
  input: Pick<StepInput, 'mode' | 'rollbackId'>,
  target: Target,
): Promise<void> {
  if (input.mode === 'emergency') return;
  const missing = (
    await Promise.all([composeMissing(world), checkpointMissing(world, input.rollbackId, target)])
  ).flat();
  const [first] = missing;
  if (first === undefined) return;
  const all = missing.map(({ what }) => what);
  throw new ActFailure(first.kind, `${all.join(' ')} Nothing was changed.`, { data: { missing: all } });
}

async function composeMissing(world: World): Promise<readonly Unready[]> {
  try {
    await world.compose.version();
    return [];
  } catch (error) {
    return [{ kind: 'tool-missing', what: asActFailure(error).message }];
  }
}

async function checkpointMissing(world: World, rollbackId: string, target: Target): Promise<readonly Unready[]> {
  const { path, checkpoint } = target.repository;
  try {
    const git = await openGit({ path, marker: `${rollbackId}/`, signal: AbortSignal.timeout(lookMs) });
    // A recorded checkpoint has the commit itself: an experiment may have deleted the tag.
    const recorded = readCheckpoint({ layout: environmentLayout(world.stateRoot, target.environment), target });
    for (const ref of [checkpoint, ...(recorded === null ? [] : [recorded.commit])]) {
      if ((await findCommit(git, ref)) !== undefined) return [];
    }
    return [{ kind: 'unknown-checkpoint', what: `${checkpoint} is no tag, branch or commit of ${git.top}.` }];
  } catch (error) {
    return [{ kind: 'unknown-checkpoint', what: `${path}: ${asActFailure(error).message}` }];
  }
}

const lookMs = 8_000;
