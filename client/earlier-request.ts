import type { RollbackRequest } from '../contract/rollback.ts';
import { readIfThere } from '../vault/durable-file.ts';
import type { Place } from './environment.ts';
import { ClientFailure, toFailure } from './failures.ts';
import { loadTargetFrom } from './load-target.ts';
import { personHere } from './person.ts';
import type { RequestOptions } from './request-options.ts';
import { choicesOf } from './request-options.ts';
import { readRollback } from './rollback-files.ts';
import type { Session } from './session.ts';

/**
 * From this host's state folder: the request of a rollback that has not ended, with the target as it was snapshot
 * (design §4.10).
 * @returns undefined when there is no such rollback here
 * @throws ClientFailure `refused` when it is closed
 */
export function requestOnDisk(place: Place, wanted: string | undefined): RollbackRequest | undefined {
  const found = readRollback(place, wanted);
  if (found?.request === undefined) return undefined;
  if (found.state === 'closed') throw closed(found.rollbackId);
  const text = readIfThere(found.files.target);
  if (text === undefined) return undefined;
  const { target, hash } = JSON.parse(text) as { target: RollbackRequest['target']; hash: string };
  return { ...found.request, target, targetHash: hash };
}

/** The same rollback again: who asks, and what is agreed to in addition, is new. */
export function resumed(earlier: RollbackRequest, given: RequestOptions, attended: boolean): RollbackRequest {
  const chosen = choicesOf(
    given,
    earlier.target.data.map(({ name }) => name),
  );
  const kept = earlier.choices.filter(({ root }) => !chosen.some((choice) => choice.root === root));
  return {
    ...earlier,
    by: personHere(),
    yes: earlier.yes || given.yes === true,
    choices: [...kept, ...chosen],
    attended,
    resume: true,
  };
}

/** A target file that was edited meanwhile is told and not used. */
export async function tellDrift({ out }: Session, given: RequestOptions, hash: string): Promise<void> {
  try {
    const now = await loadTargetFrom(given);
    if (now.hash !== hash) out.aside(`${now.file} was edited since the rollback began; the target of then is used.`);
  } catch (error) {
    out.aside(`The target file of today has faults (${toFailure(error).message}); the target of then is used.`);
  }
}

export function nothingToResume({ environment }: Place, wanted: string | undefined): ClientFailure {
  return new ClientFailure(
    'not-found',
    wanted === undefined
      ? `There is no rollback of ${environment} to go on with; nothing was started.`
      : `${environment} has no rollback ${wanted}; nothing was started.`,
    { next: ['rollback report --list shows the rollbacks of this host.'] },
  );
}

function closed(rollbackId: string): ClientFailure {
  return new ClientFailure('refused', `${rollbackId} is closed; there is nothing to go on with.`, {
    next: ['rollback report shows how it ended.', 'rollback start starts a new one.'],
  });
}
