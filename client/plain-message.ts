import type { Command } from 'commander';
import type { Call, PlaceOptions } from './command.ts';
import { placeOptions } from './command.ts';
import { placeOf } from './environment.ts';
import type { ExitName } from './exit-codes.ts';
import { tellResult } from './tell-result.ts';

/** Options of commands that only send the running rollback a word. */
export function messageOptions(command: Command): void {
  command.option('--why <text>', 'stands in the history', 'asked by the operator');
  placeOptions(command);
}

/** Sends it, waits until the rollback has read it, and says what became of it. */
export async function sendAndTell({ command, out }: Call, kind: 'pause' | 'cancel' | 'acknowledge'): Promise<ExitName> {
  const given = command.opts<PlaceOptions & { readonly why: string }>();
  const place = placeOf(given);
  const { withSession } = await import('./session.ts');
  const { sendMessage } = await import('./send-message.ts');
  const result = await withSession({ place, options: given, out }, (session) =>
    sendMessage(session, kind, { why: given.why }),
  );
  return tellResult(result, place.environment, out);
}
