import type { RollbackRequest } from '../contract/rollback.ts';
import type { ExitName } from './exit-codes.ts';
import type { RequestOptions } from './request-options.ts';
import type { Session } from './session.ts';

/** Starts a rollback, new or resumed, where somebody takes the work; follows it unless `--detach`. */
export async function startAndFollow(
  session: Session,
  request: RollbackRequest,
  given: RequestOptions,
): Promise<ExitName> {
  const { requireWorker } = await import('./pollers.ts');
  const { startRollback, tellStarted } = await import('./start-rollback.ts');
  await requireWorker(session.connected, session.place);
  await startRollback(session, request);
  if (given.detach === true) {
    tellStarted(session, request);
    return 'ok';
  }
  const { follow } = await import('./follow.ts');
  return follow(session, given);
}
