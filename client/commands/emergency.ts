import type { Command } from 'commander';
import type { Call } from '../command.ts';
import { placeOptions } from '../command.ts';
import { placeOf } from '../environment.ts';
import type { ExitName } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import type { LoadedTarget } from '../load-target.ts';
import type { RequestOptions } from '../request-options.ts';
import { reasonOf, requestOptions } from '../request-options.ts';
import type { Session } from '../session.ts';

export const usage = `The shortest path to a serving stable system.

Contains and stops the experiment, returns image, configuration and repository to the known good state, and starts the
stable system. It asks nothing and destroys nothing: what it takes away is moved aside. A rollback that runs is taken
over. Data go back only where the target says "always", or where --put-back names them.`;

export function options(command: Command): void {
  command.requiredOption('-r, --reason <text>', 'why, in one sentence; stands in the report and is told to others');
  requestOptions(command);
  placeOptions(command);
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<RequestOptions>();
  const why = reasonOf(given);
  const target = await loadOrKeep(given);
  // A faulty target must not keep a running rollback from being taken over; only a start needs all of it.
  const place = 'loaded' in target ? target.loaded : placeOf(given);
  if ('loaded' in target) {
    const { relieveFullDisk } = await import('../relieve-full-disk.ts');
    await relieveFullDisk(target.loaded, given, out);
  }
  const { withSession } = await import('../session.ts');
  const { holderFirst } = await import('../holder-first.ts');
  const run = () =>
    withSession({ place, options: given, out, bringUp: 'loaded' in target }, async (session) => {
      const { requireWorker } = await import('../pollers.ts');
      await requireWorker(session.connected, place);
      await takeOverOrStart(session, target, { given, why });
      if (given.detach === true) return tell(session);
      const { follow } = await import('../follow.ts');
      return follow(session, given);
    });
  try {
    return 'loaded' in target ? await holderFirst(place, target.loaded.target, run) : await run();
  } catch (error) {
    // With a bad target and no server there is nothing to take over: the target is what has to be mended.
    if (!('loaded' in target) && error instanceof ClientFailure && error.kind === 'no-server') throw target.fault;
    throw error;
  }
}

type Target = { readonly loaded: LoadedTarget } | { readonly fault: unknown };

async function loadOrKeep(given: RequestOptions): Promise<Target> {
  const { loadTargetFrom } = await import('../load-target.ts');
  try {
    return { loaded: await loadTargetFrom(given) };
  } catch (fault) {
    // Thrown later, unless a rollback runs that needs no target from here.
    return { fault };
  }
}

interface Wanted {
  readonly given: RequestOptions;
  readonly why: string;
}

/** Somebody may start or end a rollback between two looks: then the other way is taken. */
async function takeOverOrStart(session: Session, target: Target, wanted: Wanted): Promise<void> {
  const tries = 5;
  for (let n = 1; ; n += 1) {
    if (await takesOver(session, wanted)) return;
    if (!('loaded' in target)) throw target.fault;
    const { requestOf, startRollback } = await import('../start-rollback.ts');
    const asker = { now: Date.now(), attended: session.out.interactive };
    try {
      return await startRollback(session, requestOf(target.loaded, 'emergency', wanted.given, asker));
    } catch (error) {
      if (n === tries || !(error instanceof ClientFailure) || error.kind !== 'running') throw error;
    }
  }
}

/** @returns false when no rollback runs (any more) */
async function takesOver(session: Session, { given, why }: Wanted): Promise<boolean> {
  const running = await session.reader.describe();
  if (running?.status.name !== 'RUNNING') return false;
  const { boardOf } = await import('../board.ts');
  const { sendMessage } = await import('../send-message.ts');
  try {
    const { accepted, text } = await sendMessage(session, 'emergency', { why, security: given.security === true });
    session.out.aside(`${boardOf(running.memo)?.rollbackId ?? 'The running rollback'}: ${text}`);
    if (accepted) return true;
  } catch (error) {
    // It ended before it read the message: a new one is started.
    if (error instanceof ClientFailure && (error.kind === 'refused' || error.kind === 'not-found')) return false;
    throw error;
  }
  if (boardOf((await session.reader.describe())?.memo)?.mode === 'emergency') return true;
  await untilClosed(session);
  return false;
}

/** A rollback that is being closed cannot be taken over: the emergency starts as soon as it has ended. */
async function untilClosed(session: Session): Promise<void> {
  session.out.aside('The emergency rollback starts as soon as the other one has ended.');
  // However it ended: its verdict is its own affair.
  await session.reader.handle.result().catch(() => undefined);
}

function tell({ place, out }: Session): ExitName {
  out.lines([`The emergency rollback of ${place.environment} is at work. Follow it: rollback watch`]);
  out.result({ state: 'running', environment: place.environment, exitCode: 0 });
  return 'ok';
}
