import type { Command } from 'commander';
import type { ScopeName } from '../runbook/decide-choice.ts';
import type { Scenario } from '../runbook/scenarios.ts';
import type { Call, PlaceOptions } from './command.ts';
import { placeOptions } from './command.ts';
import { placeOf } from './environment.ts';
import type { ExitName } from './exit-codes.ts';
import { ClientFailure } from './failures.ts';
import { tellResult } from './tell-result.ts';

/** Options of the commands that make a running rollback another one. */
export function scopeOptions(command: Command): void {
  command
    .option('--why <text>', 'stands in the history and in the report', 'asked by the operator')
    .option('-y, --yes', 'change it without asking after the difference was shown')
    .option('--preview', 'show the difference and change nothing');
  placeOptions(command);
}

interface ScopeOptions extends PlaceOptions {
  readonly why: string;
  readonly yes?: boolean;
  readonly preview?: boolean;
}

/** Asks the rollback what would be different, shows it, and only then has it change at its next safe point. */
export async function chooseScope({ command, out }: Call, scope: ScopeName | Scenario): Promise<ExitName> {
  const given = command.opts<ScopeOptions>();
  const place = placeOf(given);
  const { withSession } = await import('./session.ts');
  const { sendMessage } = await import('./send-message.ts');
  const { confirm } = await import('@clack/prompts');
  const result = await withSession({ place, options: given, out }, async (session) => {
    const difference = await sendMessage(session, 'scope', { scope, preview: true, why: given.why });
    if (!difference.accepted || given.preview === true) return difference;
    out.aside(difference.text);
    if (given.yes !== true) {
      if (!out.interactive) {
        throw new ClientFailure(
          'usage',
          'Nothing was changed: without a terminal, --yes says that the difference is wanted.',
          {
            details: [difference.text],
          },
        );
      }
      if ((await confirm({ message: 'Change it?' })) !== true) {
        return { ...difference, accepted: false, text: 'Nothing was changed.' };
      }
    }
    return sendMessage(session, 'scope', { scope, preview: false, why: given.why });
  });
  return tellResult(result, place.environment, out);
}
