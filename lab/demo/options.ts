import { parseArgs } from 'node:util';
import { type RollbackScenario, rollbackScenarios } from '../../runbook/scenarios.ts';
import type { ComposeChoice } from '../compose-command.ts';

export interface DemoOptions {
  readonly scenario: RollbackScenario;
  readonly compose: ComposeChoice | 'auto';
  /** The practice system stays when the demo is over. */
  readonly keep: boolean;
  /** Seeds of the chaos to be played, one after the other; null: the demo with one kill. */
  readonly chaos: readonly number[] | null;
  /** One JSON object on the standard output; all that people read goes to the standard error. */
  readonly json: boolean;
}

export const demoUsage = `npm run demo [-- <options>]: a practice system in real containers is broken and rolled back.

  --scenario <name>   ${rollbackScenarios.join(' | ')} (default: data-corruption)
  --compose v1|v5     which compose the practice system is made with (default: the one that is there)
  --keep              leave it for you to look at; remove it with: node dist/lab/main.js down
  --chaos             kill worker, server, both and Docker at random on the way, on a Docker Engine of its own (root)
  --seed N            which kills; the same seed kills the same (default: 1)
  --seeds 1-20        one after the other, with a table at the end
  --json              one JSON object at the end
  --help              this text

Ends 0 only when the verdict is "restored" and the worker was killed on the way; with --chaos, when every
seed ended so with the same data.
`;

/** @throws Error naming what is wrong */
export function demoOptions(argv: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      scenario: { type: 'string', default: 'data-corruption' },
      compose: { type: 'string', default: 'auto' },
      keep: { type: 'boolean', default: false },
      chaos: { type: 'boolean', default: false },
      seed: { type: 'string' },
      seeds: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    scenario: oneOf('--scenario', rollbackScenarios, values.scenario),
    compose: oneOf('--compose', ['v1', 'v5', 'auto'] as const, values.compose),
    keep: values.keep,
    chaos: chaosOf(values),
    json: values.json,
  };
}

function chaosOf(given: {
  readonly chaos: boolean;
  readonly seed?: string | undefined;
  readonly seeds?: string | undefined;
}): readonly number[] | null {
  const { chaos, seed, seeds } = given;
  if (!chaos) {
    if (seed !== undefined || seeds !== undefined) throw new Error('--seed and --seeds go with --chaos only.');
    return null;
  }
  if (seed !== undefined && seeds !== undefined) throw new Error('Either --seed or --seeds, not both.');
  const [, first, last] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(seeds ?? seed ?? '1') ?? [];
  const [from, to] = [Number(first), Number(last ?? first)];
  if (first === undefined || to < from || (seed !== undefined && last !== undefined)) {
    throw new Error(`--seed takes a whole number, --seeds a range as 1-20, not "${seeds ?? seed}".`);
  }
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

function oneOf<T extends string>(option: string, allowed: readonly T[], value: string): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new Error(`${option} takes one of ${allowed.join(', ')}, not "${value}".`);
  return found;
}
