import { parseArgs } from 'node:util';
import { type RollbackScenario, rollbackScenarios } from '../../runbook/scenarios.ts';
import type { ComposeChoice } from '../compose-command.ts';

export interface DemoOptions {
  readonly scenario: RollbackScenario;
  readonly compose: ComposeChoice | 'auto';
  /** The practice system stays when the demo is over. */
  readonly keep: boolean;
  /** One JSON object on the standard output; all that people read goes to the standard error. */
  readonly json: boolean;
}

export const demoUsage = `npm run demo [-- <options>]: a practice system in real containers is broken and rolled back.

  --scenario <name>   ${rollbackScenarios.join(' | ')} (default: data-corruption)
  --compose v1|v5     which compose the practice system is made with (default: the one that is there)
  --keep              leave it for you to look at; remove it with: node dist/lab/main.js down
  --json              one JSON object at the end
  --help              this text

Ends 0 only when the verdict is "restored" and the worker was killed on the way.
`;

/** @throws Error naming what is wrong */
export function demoOptions(argv: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      scenario: { type: 'string', default: 'data-corruption' },
      compose: { type: 'string', default: 'auto' },
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    scenario: oneOf('--scenario', rollbackScenarios, values.scenario),
    compose: oneOf('--compose', ['v1', 'v5', 'auto'] as const, values.compose),
    keep: values.keep,
    json: values.json,
  };
}

function oneOf<T extends string>(option: string, allowed: readonly T[], value: string): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new Error(`${option} takes one of ${allowed.join(', ')}, not "${value}".`);
  return found;
}
