import type { Call } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';
import { messageOptions, sendAndTell } from '../plain-message.ts';

export const usage = `Says that somebody is at it: nobody else is called (runbook, "Escalation Paths").

The ladder of contacts goes on to the next level until somebody says so or the rollback is over.`;

export const options = messageOptions;

export function run(call: Call): Promise<ExitName> {
  return sendAndTell(call, 'acknowledge');
}
