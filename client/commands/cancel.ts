import type { Call } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';
import { messageOptions, sendAndTell } from '../plain-message.ts';

export const usage = `Ends the running rollback after the step at work. The stable system is started first, and the report is written.

A cancelled rollback is at best "not-proven"; "rollback resume" goes on with it. The emergency path is not cancelled.`;

export const options = messageOptions;

export function run(call: Call): Promise<ExitName> {
  return sendAndTell(call, 'cancel');
}
