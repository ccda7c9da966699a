import type { Command } from 'commander';
import { Argument } from 'commander';
import type { CheckpointResult } from '../../contract/checkpoint.ts';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import type { Output } from '../output.ts';
import type { Style } from '../style.ts';
import { wrap } from '../text.ts';

export const usage = `Records the known-good state while the stable system is good: commit, images, configuration, data, expected skills and
a performance baseline. Without one a rollback has only the git ref, and its verdict is at most restored-with-exceptions.

create records one, list shows all, show <id> shows one whole.

verify <id> reads the copies of one anew, says per data root what is equal, differing, missing or extra, and ends with 1
when anything is damaged on disk. It writes nothing and needs no server.

prune frees old ones. It keeps the newest (--keep), the one that the target would go back to and those that an open
rollback names; it shows what goes with its bytes on disk, and asks.`;

const actions = ['create', 'list', 'show', 'verify', 'prune'] as const;

export function options(command: Command): void {
  command
    .addArgument(new Argument('<action>', 'what to do').choices([...actions]))
    .argument('[id]', 'of show and verify: the checkpoint (default: the last one)')
    .option('-r, --reason <text>', 'of create and prune: why, in one sentence', 'asked by the operator')
    .option('--all', 'of verify: every sealed checkpoint')
    .option('--keep <number>', 'of prune: how many of the newest stay in any case', countOf, 3)
    .option('-y, --yes', 'of prune: free without a question what it shows');
  placeOptions(command);
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new ClientFailure('usage', `--keep: a number from 1 (found ${JSON.stringify(text)}); nothing was freed.`);
}

interface CheckpointOptions extends PlaceOptions {
  readonly reason: string;
  readonly keep: number;
  readonly all?: boolean;
  readonly yes?: boolean;
}

export async function run({ args, command, out }: Call): Promise<ExitName> {
  const given = command.opts<CheckpointOptions>();
  const [action, id] = args;
  switch (action) {
    case 'create':
      return create(given, out);
    case 'prune':
      return (await import('../checkpoint/prune.ts')).pruneCheckpoints(given, out);
    case 'verify': {
      const { verifyCheckpoints } = await import('../checkpoint/verify.ts');
      return verifyCheckpoints(placeOf(given), { id, all: given.all === true }, out);
    }
    case 'show':
      await (await import('../checkpoint/show.ts')).showCheckpoint(placeOf(given), id, out);
      return 'ok';
    default:
      await (await import('../checkpoint/list.ts')).listCheckpoints(placeOf(given), out);
      return 'ok';
  }
}

async function create(given: CheckpointOptions, out: Output): Promise<ExitName> {
  const { loadTargetFrom } = await import('../load-target.ts');
  const loaded = await loadTargetFrom(given);
  const { withSession } = await import('../session.ts');
  const { requireWorker } = await import('../pollers.ts');
  const { createCheckpoint } = await import('../create-checkpoint.ts');
  const { holderFirst } = await import('../holder-first.ts');
  const result = await holderFirst(loaded, loaded.target, () =>
    withSession({ place: loaded, options: given, out, bringUp: true }, async (session) => {
      await requireWorker(session.connected, loaded);
      return createCheckpoint(session, loaded, { why: given.reason, timeScale: 1 });
    }),
  );
  const exit: ExitName = result.outcome === 'sealed' ? 'ok' : 'failed';
  out.lines(renderResult(result, out.style));
  out.result({ environment: loaded.environment, ...result, exitCode: exitCodes[exit].code });
  return exit;
}

function renderResult({ checkpointId, outcome, notes, path }: CheckpointResult, style: Style): readonly string[] {
  const head =
    outcome === 'sealed'
      ? style.green(`Checkpoint ${checkpointId} is sealed.`)
      : style.red(`Checkpoint ${checkpointId} was not sealed; it counts for nothing.`);
  return [...notes.flatMap((note) => wrap(`- ${note}`, style.width, '  ')), head, `Folder: ${path}`];
}
