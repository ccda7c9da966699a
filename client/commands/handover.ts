import type { Command } from 'commander';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import { type Place, placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import { type Handover, nextCommand, openSteps } from '../handover.ts';
import type { Session } from '../session.ts';

export const usage = `Prints a card for the person who takes over: what is done, what is open, what is owed whatever happens, who waits for
what, and the one command to type next.

It needs no worker; without a server it reads the state folder of this host.`;

export function options(command: Command): void {
  placeOptions(command);
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<PlaceOptions>();
  const place = placeOf(given);
  const { renderHandover } = await import('../render-handover.ts');
  const card = await cardOf(place, given, out);
  if (card.board === undefined && card.disk === undefined) {
    throw new ClientFailure('not-found', `Nothing is known of a rollback of ${place.environment}.`);
  }
  out.lines(renderHandover(card, out.style, Date.now()));
  out.result({
    environment: place.environment,
    rollbackId: card.board?.rollbackId ?? card.disk?.rollbackId ?? null,
    running: card.running,
    verdict: card.board?.verdict ?? card.disk?.judgement?.verdict ?? null,
    open: openSteps(card.steps),
    obligations: card.disk?.obligations.map(({ id, what }) => ({ id, what })) ?? [],
    question: card.board?.question ?? null,
    escalation: card.board?.escalation ?? null,
    next: nextCommand(card),
    exitCode: 0,
  });
  return 'ok';
}

async function cardOf(place: Place, given: PlaceOptions, out: Call['out']): Promise<Handover> {
  const { withSession } = await import('../session.ts');
  try {
    return await withSession({ place, options: given, out }, (session) => fromServer(session));
  } catch (error) {
    if (!(error instanceof ClientFailure) || error.kind !== 'no-server') throw error;
    return fromDisk(place, false);
  }
}

async function fromServer({ place, reader }: Session): Promise<Handover> {
  const view = await reader.read();
  if (view?.board === undefined) return fromDisk(place, true);
  const { readRollback } = await import('../rollback-files.ts');
  return {
    environment: place.environment,
    board: view.board,
    disk: readRollback(place, view.board.rollbackId),
    steps: view.steps,
    running: view.status === 'RUNNING',
    workerThere: view.workerThere,
    serverThere: true,
  };
}

async function fromDisk(place: Place, serverThere: boolean): Promise<Handover> {
  const { readRollback } = await import('../rollback-files.ts');
  const disk = readRollback(place);
  return {
    environment: place.environment,
    board: undefined,
    disk,
    steps: disk?.steps ?? [],
    running: false,
    workerThere: false,
    serverThere,
  };
}
