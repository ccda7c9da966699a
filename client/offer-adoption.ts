import { confirm, isCancel } from '@clack/prompts';
import type { RollbackRequest } from '../contract/rollback.ts';
import { requestOnDisk, resumed } from './earlier-request.ts';
import { ClientFailure } from './failures.ts';
import type { RequestOptions } from './request-options.ts';
import { readRollback } from './rollback-files.ts';
import type { Session } from './session.ts';
import { dateTime } from './text.ts';

/**
 * A rollback that this host's journal has begun and never ended, and that the server of today does not run: its database
 * or machine is gone. It is not started over; where somebody sits at a terminal, they may go on with it at once.
 * @returns the request to go on with, or undefined where there is nothing of the kind
 * @throws ClientFailure `held`, naming it, where nobody is there to ask or they say no
 */
export async function offerAdoption(session: Session, given: RequestOptions): Promise<RollbackRequest | undefined> {
  const { place, out } = session;
  const lost = readRollback(place);
  const begun = lost?.state === 'open' && lost.lastAt !== null;
  if (!begun || lost.request === undefined || (await isRunning(session))) return undefined;
  const { rollbackId, lastAt, request } = lost;
  const what = `${rollbackId} (${request.reason}) has begun on this host and not ended; the server does not run it.`;
  const last = lastAt === null ? '' : ` Its last record is of ${dateTime(lastAt)}.`;
  const earlier = out.interactive ? requestOnDisk(place, rollbackId) : undefined;
  if (earlier !== undefined) {
    const agreed = await confirm({ message: `${what}${last} Go on with it?`, initialValue: true });
    if (!isCancel(agreed) && agreed) return resumed(earlier, given, true);
  }
  throw new ClientFailure('held', `${what}${last} Nothing was started.`, {
    next: [
      `rollback adopt --rollback ${rollbackId} goes on with it, from its first safety copy.`,
      `rollback undo ${rollbackId} takes back what it did.`,
    ],
    data: { rollbackId, lastAt },
  });
}

/** Whether a rollback of this environment is at work on the server of today. */
export async function isRunning({ reader }: Session): Promise<boolean> {
  return (await reader.describe())?.status.name === 'RUNNING';
}
