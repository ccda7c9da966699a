import type { Command } from 'commander';
import { Option } from 'commander';
import type { Scenario } from '../../runbook/scenarios.ts';
import { scenarios } from '../../runbook/scenarios.ts';
import type { Call } from '../command.ts';
import { placeOptions } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';
import type { RequestOptions } from '../request-options.ts';
import { requestOptions } from '../request-options.ts';

export const usage = `Starts a rollback and follows it to its verdict.

The experiment is contained and stopped at once; that loses nothing and needs no question. What the recovery plan
would discard is shown and asked for before anything is changed, unless --yes or --plan says so beforehand. Without a
terminal the question waits for "rollback answer", and its default (leave the data) holds at its deadline.
Ctrl-C and a closed terminal only detach: the rollback goes on.`;

interface StartOptions extends RequestOptions {
  readonly scenario: Scenario;
}

export function options(command: Command): void {
  command
    .addOption(
      new Option('-s, --scenario <name>', 'what kind of incident it is').choices(startable).makeOptionMandatory(),
    )
    .requiredOption('-r, --reason <text>', 'why, in one sentence; stands in the report and is told to others')
    .option('-y, --yes', 'agree beforehand to whatever the recovery plan discards')
    .option('--plan <hash>', 'agree to exactly the recovery plan that "rollback plan" showed under this hash');
  requestOptions(command);
  placeOptions(command);
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<StartOptions>();
  const { loadTargetFrom } = await import('../load-target.ts');
  const loaded = await loadTargetFrom(given);
  const { requestOf } = await import('../start-rollback.ts');
  const request = requestOf(loaded, given.scenario, given, { now: Date.now(), attended: out.interactive });
  const { withSession } = await import('../session.ts');
  const { startAndFollow } = await import('../start-and-follow.ts');
  const { holderFirst } = await import('../holder-first.ts');
  return holderFirst(loaded, loaded.target, () =>
    withSession({ place: loaded, options: given, out, bringUp: true }, async (session) => {
      const { offerAdoption } = await import('../offer-adoption.ts');
      return startAndFollow(session, (await offerAdoption(session, given)) ?? request, given);
    }),
  );
}

const startable = [...scenarios];
