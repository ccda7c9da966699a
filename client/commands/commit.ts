import type { Command } from 'commander';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';

export const usage = `Ends the time in which a rollback can be undone. Nothing is freed yet: that is what prune is for.

Only a rollback that has ended can be committed.`;

export function options(command: Command): void {
  command
    .argument('[id]', 'the rollback (default: the last one)')
    .option('--why <text>', 'stands in the journal', 'asked by the operator');
  placeOptions(command);
}

interface CommitOptions extends PlaceOptions {
  readonly why: string;
}

export async function run({ args, command, out }: Call): Promise<ExitName> {
  const given = command.opts<CommitOptions>();
  const place = placeOf(given);
  const { undoRequestOf } = await import('../run-undo.ts');
  const { target, targetHash, rollbackId } = undoRequestOf({ place }, args[0], given.why);
  const { withSession } = await import('../session.ts');
  const { runUpkeep, tellUpkeep } = await import('../run-upkeep.ts');
  const task = { kind: 'commit', rollbackId } as const;
  const result = await withSession({ place, options: given, out, bringUp: true }, (session) =>
    runUpkeep(session, { task, why: given.why, yes: true, agreedPlan: null, target, targetHash }),
  );
  return tellUpkeep(result, place.environment, out);
}
