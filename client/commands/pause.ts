import type { Call } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';
import { messageOptions, sendAndTell } from '../plain-message.ts';

export const usage = `Pauses the running rollback after the step at work; nothing goes on until "rollback resume".

The clock of the time target does not stop. The emergency path does not pause.`;

export const options = messageOptions;

export function run(call: Call): Promise<ExitName> {
  return sendAndTell(call, 'pause');
}
