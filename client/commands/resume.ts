import type { Command } from 'commander';
import type { RollbackRequest } from '../../contract/rollback.ts';
import type { Call } from '../command.ts';
import { placeOptions } from '../command.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import type { RequestOptions } from '../request-options.ts';
import { choiceOptions, followOptions } from '../request-options.ts';
import type { Session } from '../session.ts';
import { tellResult } from '../tell-result.ts';

export const usage = `Ends a pause; or goes on with a rollback that was cancelled, given up or interrupted.

It goes on under the same id, from its journal: what is done stays done. It uses the target as it was when the rollback
began; a target file that was edited meanwhile is told as drift and not used.`;

export function options(command: Command): void {
  command
    .option('--rollback <id>', 'the rollback to go on with (default: the last one)')
    .option('--why <text>', 'stands in the history', 'asked by the operator')
    .option('-y, --yes', 'agree beforehand to whatever the recovery plan discards');
  choiceOptions(command);
  followOptions(command);
  command.option('--detach', 'start it and do not follow');
  placeOptions(command);
}

interface ResumeOptions extends RequestOptions {
  readonly rollback?: string;
  readonly why: string;
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<ResumeOptions>();
  const place = placeOf(given);
  const { withSession } = await import('../session.ts');
  return withSession({ place, options: given, out, bringUp: true }, async (session) => {
    if ((await session.reader.describe())?.status.name === 'RUNNING') {
      const { sendMessage } = await import('../send-message.ts');
      return tellResult(await sendMessage(session, 'resume', { why: given.why }), place.environment, out);
    }
    return goOn(session, given);
  });
}

async function goOn(session: Session, given: ResumeOptions): Promise<ExitName> {
  const { place, out } = session;
  const { nothingToResume, requestOnDisk, resumed, tellDrift } = await import('../earlier-request.ts');
  const earlier = requestOnDisk(place, given.rollback) ?? (await requestOnServer(session, given.rollback));
  if (earlier === undefined) throw nothingToResume(place, given.rollback);
  const request = resumed(earlier, given, out.interactive);
  if (given.target !== undefined) await tellDrift(session, given, request.targetHash);
  const { startAndFollow } = await import('../start-and-follow.ts');
  return startAndFollow(session, request, given);
}

/** Where the state lies on another host: what the last run was started with. */
async function requestOnServer(session: Session, wanted: string | undefined): Promise<RollbackRequest | undefined> {
  const last = await session.reader.describe();
  if (last === undefined) return undefined;
  const { startInputOf } = await import('../history.ts');
  const { isRecord } = await import('../board.ts');
  const input = startInputOf(await session.reader.handle.fetchHistory());
  if (!isRecord(input) || (wanted !== undefined && input['rollbackId'] !== wanted)) return undefined;
  return input as unknown as RollbackRequest;
}
