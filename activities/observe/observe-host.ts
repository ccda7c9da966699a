import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import type { Observation, ObserveRequest } from '../../contract/observe.ts';
import type { StepInput } from '../../contract/step.ts';
import { heartbeatMs } from '../../runbook/timeouts.ts';
import { openJournal } from '../../vault/journal.ts';
import { ensureDir, environmentLayout, rollbackFiles, writeFileDurably } from '../../vault/layout.ts';
import { asActFailure } from '../kernel/act.ts';
import { ActFailure, toApplicationFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import type { World } from '../kernel/world.ts';
import { examineHost } from './examine-host.ts';
import { exportPlans } from './export-plans.ts';
import { findChanges } from './find-changes.ts';
import { forecast } from './forecast.ts';
import { proveAgain } from './prove-again.ts';

/** Read-only: whatever it writes lies in a scratch folder that is removed; an effect on anything else is refused. */
export async function observeHost(world: World, request: ObserveRequest, observationId: string): Promise<Observation> {
  const context = Context.current();
  const heartbeat = setInterval(() => context.heartbeat(), heartbeatMs / 3);
  const layout = environmentLayout(world.stateRoot, request.environment);
  const dir = join(layout.root, 'observations', observationId);
  const files = rollbackFiles(dir, observationId);
  ensureDir(dir);
  // The acts that plan find the scenario where `openRollback` leaves it.
  writeFileDurably(join(dir, 'request.json'), `${JSON.stringify({ scenario: request.scenario })}\n`);
  const room: Room = {
    input: inputOf(request, observationId),
    target: request.target,
    world,
    layout,
    rollback: files,
    journal: openJournal(files.journal),
    marker: `${request.environment}/observe-${observationId}/`,
    signal: context.cancellationSignal,
    beforeEffect: () => context.cancellationSignal.throwIfAborted(),
    effect: (intent) => Promise.reject(new ActFailure('refused', `An observation changes nothing (${intent.kind}).`)),
    obligation: () => undefined,
    discharge: () => undefined,
    progress: (text) => context.heartbeat(text),
  };
  try {
    return await look(room, request);
  } catch (error) {
    throw toApplicationFailure(asActFailure(error));
  } finally {
    clearInterval(heartbeat);
    room.journal.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function look(room: Room, request: ObserveRequest): Promise<Observation> {
  switch (request.kind) {
    case 'plan':
      return forecast(room, request);
    case 'doctor':
      return examineHost(room);
    case 'changes':
      return findChanges(room);
    case 'verify':
      return proveAgain(room, request.rollbackId ?? '');
    case 'export':
      return exportPlans(room, request);
  }
}

function inputOf(request: ObserveRequest, observationId: string): StepInput {
  return {
    environment: request.environment,
    rollbackId: observationId,
    epoch: 0,
    key: `observe.${request.kind}`,
    schedule: 1,
    targetHash: request.targetHash,
    plans: {},
    mode: request.scenario === 'emergency' ? 'emergency' : 'full',
    options: { choices: request.choices, security: request.security },
  };
}
