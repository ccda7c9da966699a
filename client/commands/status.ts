import type { Command } from 'commander';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import type { Place } from '../environment.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import type { Output } from '../output.ts';
import type { RollbackOnDisk } from '../rollback-files.ts';
import type { RollbackView } from '../rollback-reader.ts';
import type { Session } from '../session.ts';
import { unsupervisedNote } from '../supervision.ts';

export const usage = `Shows the rollback of an environment once: phases, steps, time used, what is discarded, what is asked, what is owed.

It needs no worker. Without a server it reads the journal in the state folder. Ends with 8 when a question waits.`;

export function options(command: Command): void {
  command.option('--all', 'every step, also of phases that are through');
  placeOptions(command);
}

interface StatusOptions extends PlaceOptions {
  readonly all?: boolean;
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<StatusOptions>();
  const place = placeOf(given);
  const { withSession } = await import('../session.ts');
  try {
    return await withSession({ place, options: given, out }, (session) => statusOnServer(session, given));
  } catch (error) {
    if (!(error instanceof ClientFailure) || error.kind !== 'no-server') throw error;
    return statusOnDisk(place, out, error);
  }
}

async function statusOnServer(session: Session, given: StatusOptions): Promise<ExitName> {
  const { place, reader, out } = session;
  const view = await reader.read();
  if (view === undefined) return statusOnDisk(place, out, undefined);
  const { readRollback } = await import('../rollback-files.ts');
  // Undefined where the state lies on another host, or before the worker took the rollback for the first time.
  const disk = view.board === undefined ? undefined : readRollback(place, view.board.rollbackId);
  const result = view.status === 'RUNNING' ? undefined : await resultOf(session, view);
  await render(session, view, disk, given, result);
  const exit: ExitName = view.board?.question ? 'waiting' : 'ok';
  out.result({
    source: 'server',
    environment: place.environment,
    status: view.status,
    startedAt: view.startedAt,
    closedAt: view.closedAt,
    workerThere: view.workerThere,
    supervised: session.connected.embedded ? unsupervisedNote(place.environment) === undefined : null,
    board: view.board ?? null,
    steps: view.steps,
    obligations: disk?.obligations.map(({ id, what }) => ({ id, what })) ?? null,
    result: result ?? null,
    ui: view.uiLink ?? null,
    exitCode: exitCodes[exit].code,
  });
  return exit;
}

type Ended = import('../../contract/rollback.ts').RollbackResult | { readonly error: string };

/** A rollback that ended without a verdict says why. */
async function resultOf({ connected }: Session, view: RollbackView): Promise<Ended> {
  const { toFailure } = await import('../failures.ts');
  try {
    return await connected.client.workflow.getHandle(view.workflowId, view.runId).result();
  } catch (error) {
    const failure = toFailure(error);
    if (failure.kind === 'no-server') throw failure;
    return { error: failure.message };
  }
}

async function render(
  session: Session,
  view: RollbackView,
  disk: RollbackOnDisk | undefined,
  given: StatusOptions,
  result: Ended | undefined,
): Promise<void> {
  const { out, place, connected } = session;
  const { renderRollback } = await import('../render-rollback.ts');
  const { renderObligations } = await import('../render-disk.ts');
  const { noticesOnDisk, renderDeliveries } = await import('../render-notices.ts');
  const { renderVerdict } = await import('../render-verdict.ts');
  const { readJudgement } = await import('../judgement-file.ts');
  out.lines(renderRollback(view, out.style, Date.now(), { allSteps: given.all === true }));
  if (result !== undefined && 'error' in result)
    out.lines(['', `${out.style.red('Ended without a verdict:')} ${result.error}`]);
  if (result !== undefined && 'verdict' in result) {
    const judgement = readJudgement(place, result.rollbackId);
    out.lines(['', ...renderVerdict(result, { judgement, uiLink: view.uiLink }, out.style)]);
  }
  if (disk !== undefined) {
    out.lines(renderObligations(disk, out.style));
    out.lines(renderDeliveries(noticesOnDisk(disk.files), out.style));
  }
  if (view.status !== 'RUNNING') return;
  if (view.board?.question) out.lines([out.style.dim('  Answer with: rollback answer <option>')]);
  const note = connected.embedded ? unsupervisedNote(place.environment) : undefined;
  out.lines([
    '',
    ...(note === undefined ? [] : [out.style.dim(note)]),
    ...(view.uiLink ? [`Temporal UI: ${view.uiLink}`] : []),
  ]);
}

/** @param away why the server could not be asked; undefined when it answers and knows no rollback */
async function statusOnDisk(place: Place, out: Output, away: ClientFailure | undefined): Promise<ExitName> {
  const { readRollback } = await import('../rollback-files.ts');
  const { renderOnDisk } = await import('../render-disk.ts');
  const found = readRollback(place);
  if (found === undefined) {
    const server = away === undefined ? 'the server knows none' : away.message;
    throw new ClientFailure(
      'not-found',
      `Nothing is known of a rollback of ${place.environment}: there is none in ${place.stateRoot}, and ${server}`,
      { next: away?.next ?? [] },
    );
  }
  if (away !== undefined) {
    out.aside(`${away.message} What follows is read from the journal.`);
    for (const next of away.next) out.aside(`  → ${next}`);
  }
  out.lines(renderOnDisk(found, out.style, Date.now()));
  const note = found.state === 'open' ? unsupervisedNote(place.environment) : undefined;
  if (note !== undefined) out.lines(['', out.style.dim(note)]);
  const { rollbackId, state, lastAt, steps, obligations, request, judgement } = found;
  out.result({
    source: 'journal',
    environment: place.environment,
    rollbackId,
    scenario: request?.scenario ?? null,
    reason: request?.reason ?? null,
    by: request?.by ?? null,
    state,
    lastAt,
    steps,
    obligations: obligations.map(({ id, what }) => ({ id, what })),
    judged: judgement?.verdict ?? null,
    exitCode: 0,
  });
  return 'ok';
}
