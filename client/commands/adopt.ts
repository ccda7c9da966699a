import type { Command } from 'commander';
import type { Call } from '../command.ts';
import { placeOptions } from '../command.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import type { RequestOptions } from '../request-options.ts';
import { choiceOptions, followOptions } from '../request-options.ts';

export const usage = `Goes on with a rollback whose Temporal database is gone, or whose server's machine is dead.

It finds the unfinished journal in this host's state folder, raises the epoch so that nothing of the old run acts any
more, and goes on under the same id on the server of today: what is done stays done, and the first safety copy is the
one that counts. A rollback that runs on the server of today needs no adoption.`;

export function options(command: Command): void {
  command
    .option('--rollback <id>', 'the rollback to go on with (default: the last one)')
    .option('-y, --yes', 'agree beforehand to whatever the recovery plan discards');
  choiceOptions(command);
  followOptions(command);
  command.option('--detach', 'start it and do not follow');
  placeOptions(command);
}

interface AdoptOptions extends RequestOptions {
  readonly rollback?: string;
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<AdoptOptions>();
  const place = placeOf(given);
  const { nothingToResume, requestOnDisk, resumed, tellDrift } = await import('../earlier-request.ts');
  const earlier = requestOnDisk(place, given.rollback);
  if (earlier === undefined) throw nothingToResume(place, given.rollback);
  const { withSession } = await import('../session.ts');
  return withSession({ place, options: given, out, bringUp: true }, async (session) => {
    const { isRunning } = await import('../offer-adoption.ts');
    if (await isRunning(session)) throw notLost(earlier.rollbackId);
    if (given.target !== undefined) await tellDrift(session, given, earlier.targetHash);
    out.aside(`${earlier.rollbackId} is adopted: it goes on from its journal in ${place.stateRoot}.`);
    const { startAndFollow } = await import('../start-and-follow.ts');
    return startAndFollow(session, resumed(earlier, given, out.interactive), given);
  });
}

function notLost(rollbackId: string): ClientFailure {
  return new ClientFailure(
    'refused',
    `${rollbackId} is not lost: a rollback of this environment runs on the server. Nothing was started.`,
    {
      next: [
        'rollback status tells where it stands.',
        'rollback resume goes on with one that was cancelled or given up.',
      ],
    },
  );
}
