import type { Command } from 'commander';
import type { RollbackRequest } from '../../contract/rollback.ts';
import type { Call } from '../command.ts';
import { placeOptions } from '../command.ts';
import type { Place } from '../environment.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import type { RequestOptions } from '../request-options.ts';
import { choiceOptions, choicesOf, followOptions } from '../request-options.ts';
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
  const earlier = (await requestOnDisk(place, given.rollback)) ?? (await requestOnServer(session, given.rollback));
  if (earlier === undefined) throw nothingToResume(place, given.rollback);
  const request = await resumed(earlier, given, out.interactive);
  if (given.target !== undefined) await tellDrift(session, given, request.targetHash);
  const { startAndFollow } = await import('../start-and-follow.ts');
  return startAndFollow(session, request, given);
}

/** The same rollback again: who asks, and what is agreed to in addition, is new. */
async function resumed(earlier: RollbackRequest, given: ResumeOptions, attended: boolean): Promise<RollbackRequest> {
  const { personHere } = await import('../person.ts');
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

/** From this host's state folder: the request, and the target as it was snapshot (design §4.10). */
async function requestOnDisk(place: Place, wanted: string | undefined): Promise<RollbackRequest | undefined> {
  const { readRollback } = await import('../rollback-files.ts');
  const { readIfThere } = await import('../../vault/durable-file.ts');
  const found = readRollback(place, wanted);
  if (found?.request === undefined) return undefined;
  if (found.state === 'closed') throw closed(found.rollbackId);
  const text = readIfThere(found.files.target);
  if (text === undefined) return undefined;
  const { target, hash } = JSON.parse(text) as { target: RollbackRequest['target']; hash: string };
  return { ...found.request, target, targetHash: hash };
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

async function tellDrift({ out }: Session, given: ResumeOptions, hash: string): Promise<void> {
  const { loadTargetFrom } = await import('../load-target.ts');
  const { toFailure } = await import('../failures.ts');
  try {
    const now = await loadTargetFrom(given);
    if (now.hash !== hash) out.aside(`${now.file} was edited since the rollback began; the target of then is used.`);
  } catch (error) {
    out.aside(`The target file of today has faults (${toFailure(error).message}); the target of then is used.`);
  }
}

function closed(rollbackId: string): ClientFailure {
  return new ClientFailure('refused', `${rollbackId} is closed; there is nothing to go on with.`, {
    next: ['rollback report shows how it ended.', 'rollback start starts a new one.'],
  });
}

function nothingToResume({ environment }: Place, wanted: string | undefined): ClientFailure {
  return new ClientFailure(
    'not-found',
    wanted === undefined
      ? `There is no rollback of ${environment} to go on with; nothing was started.`
      : `${environment} has no rollback ${wanted}; nothing was started.`,
    { next: ['rollback report --list shows the rollbacks of this host.'] },
  );
}
