import { join } from 'node:path';
import type { Command } from 'commander';
import type { ChecklistResult } from '../../contract/rollback.ts';
import { nameExists, readIfThere } from '../../vault/durable-file.ts';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import type { Place } from '../environment.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import type { Output } from '../output.ts';
import type { RollbackOnDisk } from '../rollback-files.ts';
import type { Style } from '../style.ts';
import { dateTime, wrap } from '../text.ts';

export const usage = `Says where checklist, incident report, evidence and archive of a rollback lie, and how its checklist stands.

Reads the state folder of this host; where the state lies elsewhere, it asks the server for the path.`;

export function options(command: Command): void {
  command
    .argument('[rollback]', 'id of the rollback (default: the last one)')
    .option('--print', 'print the incident report itself')
    .option('--list', 'list the rollbacks of this environment on this host');
  placeOptions(command);
}

interface ReportOptions extends PlaceOptions {
  readonly print?: boolean;
  readonly list?: boolean;
}

export async function run({ args, command, out }: Call): Promise<ExitName> {
  const given = command.opts<ReportOptions>();
  const place = placeOf(given);
  const { readRollback, rollbackIdsIn } = await import('../rollback-files.ts');
  if (given.list === true) {
    const all = rollbackIdsIn(place).flatMap((id) => readRollback(place, id) ?? []);
    out.lines(
      all.length === 0 ? [`No rollback of ${place.environment} lies in ${place.stateRoot}.`] : all.map(renderRow),
    );
    out.result({ environment: place.environment, rollbacks: all.map(factsOf), exitCode: 0 });
    return 'ok';
  }
  const found = readRollback(place, args[0]);
  if (found === undefined) return askServer(place, given, args[0], out);
  if (given.print === true) return print(found, out);
  out.lines(render(found, out.style));
  out.result({ ...factsOf(found), checklist: found.judgement?.items ?? null, exitCode: 0 });
  return 'ok';
}

function print(found: RollbackOnDisk, out: Output): ExitName {
  const text = found.reportPath === undefined ? undefined : readIfThere(found.reportPath);
  if (text === undefined) {
    throw new ClientFailure('not-found', `${found.rollbackId} has no incident report yet.`, {
      next: ['rollback status shows how far it is.'],
    });
  }
  out.lines([text.trimEnd()]);
  out.result({ ...factsOf(found), text, exitCode: 0 });
  return 'ok';
}

/** The state lies on another host: all that can be told from here is where it lies there. */
async function askServer(
  place: Place,
  given: ReportOptions,
  wanted: string | undefined,
  out: Output,
): Promise<ExitName> {
  const { withSession } = await import('../session.ts');
  const { boardOf } = await import('../board.ts');
  const board = await withSession({ place, options: given, out }, async ({ reader }) =>
    boardOf((await reader.describe())?.memo),
  ).catch((error: unknown) => {
    if (error instanceof ClientFailure && error.kind === 'no-server') return undefined;
    throw error;
  });
  if (board === undefined || (wanted !== undefined && board.rollbackId !== wanted)) {
    const which = wanted === undefined ? 'a rollback' : `the rollback ${wanted}`;
    throw new ClientFailure(
      'not-found',
      `Nothing is known of ${which} of ${place.environment}: neither in ${place.stateRoot} nor at the server.`,
      { next: ['rollback report --list shows what lies in the state folder.'] },
    );
  }
  const path = board.reportPath ?? 'not written yet';
  out.lines([
    `${board.rollbackId}: ${board.verdict ?? 'no verdict yet'}`,
    `Report (on the host of its worker): ${path}`,
  ]);
  out.result({
    environment: place.environment,
    rollbackId: board.rollbackId,
    verdict: board.verdict,
    reportPath: board.reportPath,
    checklist: null,
    exitCode: 0,
  });
  return 'ok';
}

function factsOf(found: RollbackOnDisk) {
  const { files, request } = found;
  return {
    environment: request?.environment ?? null,
    rollbackId: found.rollbackId,
    scenario: request?.scenario ?? null,
    reason: request?.reason ?? null,
    state: found.state,
    judged: found.judgement?.verdict ?? null,
    reportPath: found.reportPath ?? null,
    checklistPath: ifThere(join(files.reportDir, 'checklist.md')),
    evidencePath: ifThere(files.evidenceDir),
    safetyPath: ifThere(files.safetyDir),
    archivePath: ifThere(files.archiveDir),
    obligations: found.obligations.map(({ id, what }) => ({ id, what })),
  };
}

function ifThere(path: string): string | null {
  return nameExists(path) ? path : null;
}

function renderRow(found: RollbackOnDisk): string {
  const judged = found.judgement?.verdict ?? 'not judged';
  return `${found.rollbackId}  ${found.request?.scenario ?? '?'}  ${judged}  ${found.request?.reason ?? ''}`;
}

/** Verdict, counts, everything that does not simply pass, and the paths. */
export function render(found: RollbackOnDisk, style: Style): readonly string[] {
  const facts = factsOf(found);
  const { judgement } = found;
  const paths = [
    ['Report', facts.reportPath],
    ['Checklist', facts.checklistPath],
    ['Evidence', facts.evidencePath],
    ['Safety copy', facts.safetyPath],
    ['Archive', facts.archivePath],
  ] as const;
  return [
    `${style.bold(found.rollbackId)}  ${facts.scenario ?? ''}`,
    ...(facts.reason === null ? [] : wrap(facts.reason, style.width)),
    judgement === undefined
      ? 'The world has not been judged yet.'
      : `Judged ${style.bold(judgement.verdict)} at ${dateTime(judgement.at)}: ${countsOf(judgement.items)}`,
    ...(judgement?.items ?? [])
      .filter(({ status }) => status !== 'pass')
      .flatMap(({ id, status, measured }) => wrap(`- ${id}: ${status}: ${measured}`, style.width, '  ')),
    ...facts.obligations.flatMap(({ what }) => wrap(`Still owed: ${what}`, style.width)),
    ...paths.map(([name, path]) => `${`${name}:`.padEnd(13)}${path ?? 'none'}`),
  ];
}

function countsOf(items: readonly ChecklistResult[]): string {
  const names = ['pass', 'fail', 'unknown', 'needs-human', 'not-applicable'] as const;
  const counts = names.map((name) => `${items.filter(({ status }) => status === name).length} ${name}`);
  return `${items.length} items, ${counts.join(', ')}`;
}
