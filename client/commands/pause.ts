import type { Command } from 'commander';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { tellResult } from '../tell-result.ts';

export const usage = `Pauses the running rollback after the step at work; nothing goes on until "rollback resume".

The clock of the time target does not stop. The emergency path does not pause.`;

export function options(command: Command): void {
  command.option('--why <text>', 'stands in the history', 'asked by the operator');
  placeOptions(command);
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<PlaceOptions & { readonly why: string }>();
  const place = placeOf(given);
  const { withSession } = await import('../session.ts');
  const { sendMessage } = await import('../send-message.ts');
  const result = await withSession({ place, options: given, out }, (session) =>
    sendMessage(session, 'pause', { why: given.why }),
  );
  return tellResult(result, place.environment, out);
}
