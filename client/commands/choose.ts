import type { Command } from 'commander';
import { Argument } from 'commander';
import { type Scenario, scenarios } from '../../runbook/scenarios.ts';
import { chooseScope, scopeOptions } from '../choose-scope.ts';
import type { Call } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';

export const usage = `Goes on for another scenario: it turned out to be another kind of incident. As with "rollback scope", the difference is
shown first, and the rollback changes at its next safe point.`;

export function options(command: Command): void {
  command.addArgument(new Argument('<scenario>', 'what kind of incident it is').choices([...scenarios]));
  scopeOptions(command);
}

export function run(call: Call): Promise<ExitName> {
  return chooseScope(call, call.args[0] as Scenario);
}
