import { setTimeout as wait } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { DeadManInput } from '../../contract/notices.ts';
import { environmentLayout } from '../../vault/layout.ts';
import { asActFailure } from '../kernel/act.ts';
import { ActFailure, toApplicationFailure } from '../kernel/failures.ts';
import { secretText } from '../kernel/secrets.ts';
import { targetOfRollback } from '../kernel/target-of-rollback.ts';
import type { World } from '../kernel/world.ts';

const askMs = 10_000;
const maxBytes = 4_096;

/**
 * Asks the dead man's address as long as the rollback is open and this worker lives: it is the silence that tells. A
 * service that does not answer is asked again the next time.
 */
export async function pingDeadMan(world: World, input: DeadManInput): Promise<void> {
  const { cancellationSignal: signal, heartbeat } = Context.current();
  try {
    const files = environmentLayout(world.stateRoot, input.environment).rollback(input.rollbackId);
    const { deadMan } = targetOfRollback(files, input.targetHash).notices;
    if (deadMan === null) throw new ActFailure('refused', 'The target names no address to ask; nobody was asked.');
    const url = secretText(world, 'url of notices.deadMan', deadMan.url);
    const beat = setInterval(() => heartbeat(), 2_000);
    try {
      for (;;) {
        heartbeat(await askOnce(world, url, signal));
        await wait(deadMan.everyMs, undefined, { signal });
      }
    } finally {
      clearInterval(beat);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw toApplicationFailure(asActFailure(error));
  }
}

async function askOnce(world: World, url: string, signal: AbortSignal): Promise<string> {
  try {
    const { status } = await world.http.ask({ method: 'GET', url, headers: {}, timeoutMs: askMs, maxBytes, signal });
    return `answered with ${status}`;
  } catch (error) {
    signal.throwIfAborted();
    return asActFailure(error).kind;
  }
}
