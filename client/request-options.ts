import type { Command } from 'commander';
import { Option } from 'commander';
import type { DataChoice } from '../contract/step.ts';
import type { PlaceOptions } from './command.ts';
import { ClientFailure } from './failures.ts';

/** Options of commands that start a rollback. */
export interface RequestOptions extends PlaceOptions {
  readonly reason: string;
  readonly since?: string;
  readonly yes?: boolean;
  readonly plan?: string;
  readonly security?: boolean;
  readonly putBack?: readonly string[];
  readonly leave?: readonly string[];
  readonly timeScale?: number;
  readonly detach?: boolean;
  readonly wait?: boolean;
}

/** Options that both the full and the emergency rollback have. */
export function requestOptions(command: Command): void {
  command
    .option('--since <when>', 'the clock runs from here: 15m (ago), 02:40 or an ISO instant (default: now)')
    .option('--security', 'also cut the networks of the experiment; kill it without letting it run again');
  choiceOptions(command);
  followOptions(command);
  command
    .option('--detach', 'start it and do not follow')
    .addOption(new Option('--time-scale <factor>', 'scales all times, for practice').argParser(factor).hideHelp());
}

/** Data roots that go back, or stay, whatever the checks say. */
export function choiceOptions(command: Command): void {
  command
    .option('--put-back <root>', 'put this data root back to the checkpoint (repeatable)', collect)
    .option('--leave <root>', 'leave this data root as it is (repeatable)', collect);
}

export function followOptions(command: Command): void {
  command.option('--wait', 'without a terminal: stay while a question waits, until its default holds');
}

/**
 * @param roots names of the target's data roots
 * @throws ClientFailure `usage` naming every root that is unknown or chosen both ways
 */
export function choicesOf(
  options: Pick<RequestOptions, 'putBack' | 'leave'>,
  roots: readonly string[],
): readonly DataChoice[] {
  const { putBack = [], leave = [] } = options;
  const faults = [
    ...[...putBack, ...leave]
      .filter((root) => !roots.includes(root))
      .map((root) => `${root} is no data root of the target`),
    ...putBack.filter((root) => leave.includes(root)).map((root) => `${root} is to be put back and to be left`),
  ];
  if (faults.length > 0) {
    throw new ClientFailure('usage', 'The choice of data roots cannot be carried out; nothing was started.', {
      details: faults,
      next: [`Data roots: ${roots.join(', ')}`],
    });
  }
  return [
    ...putBack.map((root) => ({ root, action: 'put-back' as const })),
    ...leave.map((root) => ({ root, action: 'leave' as const })),
  ];
}

/** A reason is read by whoever meets the rollback later. @throws ClientFailure `usage` */
export function reasonOf({ reason }: { readonly reason: string }): string {
  if (reason.trim() !== '') return reason.trim();
  throw new ClientFailure('usage', '--reason is empty: say in one sentence why; nothing was started.');
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function factor(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1_000) return value;
  throw new ClientFailure('usage', `--time-scale ${JSON.stringify(text)} is no factor between 0 and 1000.`);
}
