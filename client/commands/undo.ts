import type { Command } from 'commander';
import type { UndoPlanned, UndoRequest, UndoResult } from '../../contract/undo.ts';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import type { Style } from '../style.ts';
import { formatBytes, plural, wrap } from '../text.ts';

export const usage = `Brings back exactly what was before a rollback: data, files, index and HEAD of the repository, and the containers as
they were. After a finished rollback and after one that was cancelled or interrupted.

It plans first and changes nothing until somebody agrees: at the terminal, with --yes, or with --plan for exactly the
plan that was shown. What is there now is moved aside, never deleted. Broken off, the same command goes on.`;

export function options(command: Command): void {
  command
    .argument('[id]', 'the rollback (default: the last one)')
    .option('--why <text>', 'stands in the journal', 'asked by the operator')
    .option('-y, --yes', 'agree beforehand to whatever the plan moves aside')
    .option('--plan <hash>', 'agree to exactly the plan that was shown under this hash');
  placeOptions(command);
}

interface UndoOptions extends PlaceOptions {
  readonly why: string;
  readonly yes?: boolean;
  readonly plan?: string;
}

export async function run({ args, command, out }: Call): Promise<ExitName> {
  const given = command.opts<UndoOptions>();
  const place = placeOf(given);
  const { undoRequestOf } = await import('../run-undo.ts');
  const base = undoRequestOf({ place }, args[0], given.why);
  const { withSession } = await import('../session.ts');
  const result = await withSession({ place, options: given, out, bringUp: true }, (session) =>
    agreeAndRun(session, { ...base, yes: given.yes === true, agreedPlan: given.plan ?? null }),
  );
  const exit = endings[result.outcome];
  out.lines(render(result, out.style));
  out.result({ environment: place.environment, ...result, exitCode: exitCodes[exit].code });
  return exit;
}

const endings = {
  undone: 'ok',
  'already-undone': 'ok',
  'undone-with-exceptions': 'exceptions',
  'not-proven': 'notProven',
  failed: 'failed',
  'needs-agreement': 'waiting',
} as const satisfies Record<UndoResult['outcome'], ExitName>;

async function agreeAndRun(session: Session, request: UndoRequest): Promise<UndoResult> {
  const { refuseWhileRunning, runUndo } = await import('../run-undo.ts');
  const { requireWorker } = await import('../pollers.ts');
  await refuseWhileRunning(session);
  await requireWorker(session.connected, session.place);
  const result = await runUndo(session, request);
  const { plan } = result;
  if (result.outcome !== 'needs-agreement' || plan === null || !session.out.interactive) return result;
  session.out.lines(renderPlan(plan, session.out.style));
  const { confirm, isCancel } = await import('@clack/prompts');
  const agreed = await confirm({ message: 'Carry it out?', initialValue: false });
  if (isCancel(agreed) || !agreed) return result;
  return runUndo(session, { ...request, agreedPlan: plan.hash });
}

function render(result: UndoResult, style: Style): readonly string[] {
  const { rollbackId, outcome, reasons, plan, path } = result;
  const told = reasons.flatMap((reason) => wrap(`- ${reason}`, style.width, '  '));
  switch (outcome) {
    case 'already-undone':
      return [`${rollbackId} is undone already; nothing was changed.`];
    case 'needs-agreement':
      return [
        ...(plan === null ? [] : renderPlan(plan, style)),
        'Nothing was changed. To carry it out:',
        `  rollback undo ${rollbackId} --plan ${plan?.hash ?? ''}`,
      ];
    case 'undone':
      return [style.green(`UNDONE: all is as it was before ${rollbackId}.`), `Folder: ${path}`];
    case 'undone-with-exceptions':
      return [style.yellow(`UNDONE, but for what follows: ${rollbackId}.`), ...told, `Folder: ${path}`];
    case 'not-proven':
    case 'failed':
      return [
        style.red(`The undo of ${rollbackId} is ${outcome}; nothing was deleted.`),
        ...told,
        `Folder: ${path}`,
        `The same command goes on where it ended: rollback undo ${rollbackId}`,
      ];
  }
}

function renderPlan({ lines, discards, exceptions, hash }: UndoPlanned, style: Style): readonly string[] {
  return [
    style.bold('What would be done:'),
    ...(lines.length === 0 ? ['  nothing'] : lines.flatMap((line) => wrap(`- ${line}`, style.width, '  '))),
    ...(discards.length === 0 ? [] : [style.bold('What is there now and would be moved aside:')]),
    ...discards.map(({ what, files, bytes }) => `  - ${what}: ${plural(files, 'file')}, ${formatBytes(bytes)}`),
    ...(exceptions.length === 0 ? [] : [style.bold('What will not be as it was:')]),
    ...exceptions.flatMap((exception) => wrap(`- ${exception}`, style.width, '  ')),
    `Plan ${hash}`,
  ];
}
