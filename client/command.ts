import type { Command } from 'commander';
import type { ExitName } from './exit-codes.ts';
import type { Output } from './output.ts';

/** One use of a command. */
export interface Call {
  readonly args: readonly string[];
  readonly command: Command;
  readonly out: Output;
}

/** A file of `commands/`: its four parts are usage, options, run and a render function of its own. */
export interface CommandFile {
  /** What the command does, for its `--help`. */
  readonly usage: string;
  /** Adds arguments and options. */
  options(command: Command): void;
  /** Does it and says how the process ends. */
  run(call: Call): Promise<ExitName>;
}

/** Options of commands that speak about one environment. */
export interface PlaceOptions {
  readonly target?: string;
  readonly environment?: string;
  readonly stateRoot?: string;
  readonly embedded?: boolean;
  readonly profile?: string;
  readonly workerHost?: string;
  readonly json?: boolean;
}

/** Which environment, which server, which form of output. */
export function placeOptions(command: Command): void {
  command
    .option('-t, --target <file>', 'target file (default: ./rollback.yaml)')
    .option('-e, --environment <id>', 'environment, where no target file is at hand');
  serverOptions(command);
}

export function serverOptions(command: Command): void {
  command
    .option('--state-root <folder>', 'state folder (default: ROLLBACK_STATE_DIR or /var/lib/durable-rollback)')
    .option('--embedded', 'use the embedded Temporal server even when another is configured')
    .option('--profile <name>', 'Temporal profile of the configuration file (TEMPORAL_PROFILE)')
    .option('--worker-host <name>', 'host whose worker does the work (default: this one)')
    .option('--json', 'print the result as JSON');
}
