import type { Command } from 'commander';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { followOptions } from '../request-options.ts';

export const usage = `Follows the rollback of an environment until its verdict, which is also its exit code.

A question that waits is asked here when this is a terminal. Ctrl-C only detaches. The last rollback is shown when none
runs.`;

export function options(command: Command): void {
  followOptions(command);
  placeOptions(command);
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<PlaceOptions & { readonly wait?: boolean }>();
  const { withSession } = await import('../session.ts');
  const { follow } = await import('../follow.ts');
  return withSession({ place: placeOf(given), options: given, out }, (session) => follow(session, given));
}
