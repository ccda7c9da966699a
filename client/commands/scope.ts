import type { Command } from 'commander';
import { Argument } from 'commander';
import { type ScopeName, scopeNames } from '../../runbook/decide-choice.ts';
import { chooseScope, scopeOptions } from '../choose-scope.ts';
import type { Call } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';

export const usage = `Makes the running rollback narrower or wider: the step at work reaches its safe point, what is done stays known, and the
rest is planned anew. What would be different is shown first.

A choice that makes no sense any more is refused with the reason.`;

export function options(command: Command): void {
  command.addArgument(new Argument('<scope>', 'full: the whole of what is a part now').choices([...scopeNames]));
  scopeOptions(command);
}

export function run(call: Call): Promise<ExitName> {
  return chooseScope(call, call.args[0] as ScopeName);
}
