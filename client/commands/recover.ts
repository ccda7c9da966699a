import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';

export const usage = `Brings single files, or all below a folder, back from what a rollback has kept: the safety copy of the state before
it, and what it or its undo moved aside. Each is verified by its hash; what is there now is moved aside.

Nothing is changed unless something was kept of every path.`;

export function options(command: Command): void {
  command
    .argument('<id>', 'the rollback')
    .argument('<path...>', 'files or folders, where they lay')
    .option('--to <folder>', 'bring them into this folder instead of to their place')
    .option('--why <text>', 'stands in the journal', 'asked by the operator');
  placeOptions(command);
}

interface RecoverOptions extends PlaceOptions {
  readonly to?: string;
  readonly why: string;
}

export async function run({ args, command, out }: Call): Promise<ExitName> {
  const given = command.opts<RecoverOptions>();
  const place = placeOf(given);
  const [id = '', ...paths] = args;
  const { undoRequestOf } = await import('../run-undo.ts');
  const { target, targetHash, rollbackId } = undoRequestOf({ place }, id, given.why);
  const { withSession } = await import('../session.ts');
  const { runUpkeep, tellUpkeep } = await import('../run-upkeep.ts');
  const task = {
    kind: 'recover',
    rollbackId,
    paths: paths.map((path) => resolve(path)),
    to: given.to === undefined ? null : resolve(given.to),
  } as const;
  const result = await withSession({ place, options: given, out, bringUp: true }, (session) =>
    runUpkeep(session, { task, why: given.why, yes: true, agreedPlan: null, target, targetHash }),
  );
  return tellUpkeep(result, place.environment, out);
}
