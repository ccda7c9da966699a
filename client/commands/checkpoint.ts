import type { Command } from 'commander';
import { Argument } from 'commander';
import type { CheckpointResult } from '../../contract/checkpoint.ts';
import type { CheckpointRecord } from '../../contract/records.ts';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import type { Output } from '../output.ts';
import type { Style } from '../style.ts';
import { dateTime, formatBytes, plural, wrap } from '../text.ts';

export const usage = `Records the known-good state while the stable system is good: commit, images, configuration, data, expected skills and
a performance baseline. Without one a rollback has only the git ref, and its verdict is at most restored-with-exceptions.

create records one, list shows the recorded ones, show <id> shows one whole.`;

const actions = ['create', 'list', 'show'] as const;

export function options(command: Command): void {
  command
    .addArgument(new Argument('<action>', 'what to do').choices([...actions]))
    .argument('[id]', 'of show: the checkpoint (default: the last one)')
    .option('-r, --reason <text>', 'of create: why, in one sentence', 'asked by the operator');
  placeOptions(command);
}

interface CheckpointOptions extends PlaceOptions {
  readonly reason: string;
}

export async function run({ args, command, out }: Call): Promise<ExitName> {
  const given = command.opts<CheckpointOptions>();
  const [action, id] = args;
  if (action === 'create') return create(given, out);
  const place = placeOf(given);
  const { readCheckpoints } = await import('../checkpoint-files.ts');
  const all = readCheckpoints(place);
  if (action === 'list') {
    out.lines(
      all.length === 0 ? [`No checkpoint of ${place.environment} lies in ${place.stateRoot}.`] : all.map(renderRow),
    );
    out.result({ environment: place.environment, checkpoints: all, exitCode: 0 });
    return 'ok';
  }
  const found = id === undefined ? all.at(-1) : all.find((one) => one.id === id);
  if (found === undefined) {
    throw new ClientFailure('not-found', `${place.environment} has no checkpoint ${id ?? 'yet'}.`, {
      next: ['rollback checkpoint list', 'rollback checkpoint create'],
    });
  }
  out.lines(renderRecord(found, out.style));
  out.result({ ...found, exitCode: 0 });
  return 'ok';
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

function renderRow({ id, createdAt, ref, commit, data, by }: CheckpointRecord): string {
  const bytes = data.reduce((sum, root) => sum + root.bytes, 0);
  return `${id}  ${dateTime(createdAt)}  ${ref} (${commit.slice(0, 12)})  ${plural(data.length, 'data root')}, ${formatBytes(bytes)}  by ${by}`;
}

function renderRecord(record: CheckpointRecord, style: Style): readonly string[] {
  return [
    style.bold(record.id),
    `Recorded ${dateTime(record.createdAt)} by ${record.by}; ${record.ref} is commit ${record.commit}`,
    ...record.images.map(({ service, reference, image }) => `  image ${service}: ${reference} (${image})`),
    ...record.data.map(({ root, files, bytes }) => `  data ${root}: ${plural(files, 'file')}, ${formatBytes(bytes)}`),
    `  skills: ${record.skills.join(', ') || 'none'}`,
    record.baseline === null
      ? '  no performance baseline'
      : `  baseline: ${Math.round(record.baseline.responseTimeMs.median)} ms, ${formatBytes(record.baseline.memoryBytes.median)}, ${record.baseline.samples} samples`,
  ];
}
