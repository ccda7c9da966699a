import type { Command } from 'commander';
import type { VerifyReport } from '../../contract/observe.ts';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';
import { exitCodes, exitOfVerdict } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import { renderProof } from '../render-proof.ts';
import type { Style } from '../style.ts';
import { dateTime, wrap } from '../text.ts';

export const usage = `Makes the proof of a rollback again, now: every data root against its checkpoint, images, commit and tree, the checklist.
Says what has changed since the verdict. Changes nothing; the rollback's own judgement stays as it is.

Ends like the rollback would end with the verdict of today. To prove a checkpoint: rollback checkpoint verify.`;

export function options(command: Command): void {
  command.argument('[rollback]', 'id of the rollback (default: the last one)');
  placeOptions(command);
}

export async function run({ args, command, out }: Call): Promise<ExitName> {
  const given = command.opts<PlaceOptions>();
  const { loadTargetFrom } = await import('../load-target.ts');
  const loaded = await loadTargetFrom(given);
  const { rollbackIdsIn } = await import('../rollback-files.ts');
  const rollbackId = args[0] ?? rollbackIdsIn(loaded).at(-1);
  if (rollbackId === undefined) {
    throw new ClientFailure('not-found', `There is no rollback of ${loaded.environment} on this host.`, {
      next: ['rollback report --list', 'rollback changes'],
    });
  }
  const { withSession } = await import('../session.ts');
  const { requireWorker } = await import('../pollers.ts');
  const { observe } = await import('../observe.ts');
  const report = await withSession({ place: loaded, options: given, out, bringUp: true }, async (session) => {
    await requireWorker(session.connected, loaded);
    return observe(session, {
      kind: 'verify',
      environment: loaded.environment,
      target: loaded.target,
      targetHash: loaded.hash,
      scenario: 'service-disruption',
      security: false,
      choices: [],
      rollbackId,
    });
  });
  const exit = exitOfVerdict(report.now.verdict);
  out.lines(render(report, out.style));
  out.result({ environment: loaded.environment, ...report, exitCode: exitCodes[exit].code });
  return exit;
}

export function render({ rollbackId, before, now, changed }: VerifyReport, style: Style): readonly string[] {
  const was = before === null ? 'it was never judged' : `it was judged ${before.verdict} at ${dateTime(before.at)}`;
  return [
    style.bold(`Rollback ${rollbackId}: ${now.verdict} at ${dateTime(now.at)}; ${was}`),
    ...now.reasons.flatMap((reason) => wrap(`- ${reason}`, style.width, '  ')),
    '',
    ...renderProof(now, style),
    '',
    ...(before === null
      ? []
      : changed.length === 0
        ? [style.green('Nothing has changed since.')]
        : [style.yellow('Changed since:'), ...changed.flatMap((line) => wrap(`- ${line}`, style.width, '  '))]),
  ];
}
