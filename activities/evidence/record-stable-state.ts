import { join } from 'node:path';
import { readIfThere } from '../../vault/durable-file.ts';
import { errorCode } from '../../vault/errors.ts';
import { type AgentsSeen, examineAgents } from '../checks/examine-agents.ts';
import { findStable } from '../checks/find-stable.ts';
import { keepEvidence } from '../checks/keep-evidence.ts';
import { tally } from '../containers/tally.ts';
import { asActFailure } from '../kernel/act.ts';
import { fileRef } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';

const recordName = 'stable-state.json';

/** The step has a minute: a script that hangs must not keep the rest from being recorded. */
const agentsWithinMs = 40_000;

/**
 * Runbook 1.2 "Check system status": how the stable system and the agents are before anything of theirs is touched.
 * A record, no judgement: whatever it finds is `done`, and said. The first look counts.
 */
export const recordStableState: ActBody = async (room) => {
  const path = join(room.rollback.evidenceDir, recordName);
  const earlier = readIfThere(path);
  if (earlier !== undefined) {
    const { at } = JSON.parse(earlier) as { readonly at: string };
    return { outcome: 'already-done', reason: `The record of ${at} stands.`, files: [fileRef(path)] };
  }
  const { containers, missing } = await findStable(room);
  const agents = await agentsSeen(room);
  const record = {
    at: new Date(room.world.now()).toISOString(),
    containers: containers.map(({ service, facts }) => ({ service, ...stateOf(facts) })),
    missing,
    agents,
  };
  const file = keepEvidence(room, recordName, record);
  const states = containers.map(({ facts }) => wordOf(facts));
  return {
    outcome: 'done',
    reason: [
      `Stable system: ${states.length === 0 ? 'no container' : tally(states)}.`,
      ...(missing.length === 0 ? [] : [`No container for ${missing.join(', ')}.`]),
      ...(agents.declared ? [`Agents: ${agents.reason}.`] : []),
    ].join(' '),
    figures: {
      containers: containers.length,
      running: containers.filter(({ facts }) => facts.state === 'running').length,
      missing: missing.length,
      lockFiles: agents.lockFiles,
      badLockFiles: agents.badLockFiles,
    },
    files: [file, ...agents.files],
  };
};

async function agentsSeen(room: Room): Promise<AgentsSeen> {
  const within = AbortSignal.timeout(agentsWithinMs);
  try {
    return await examineAgents({ ...room, signal: AbortSignal.any([room.signal, within]) }, 'scripts-before');
  } catch (error) {
    room.signal.throwIfAborted();
    const failure = asActFailure(error);
    if (failure.kind === 'stale-attempt') throw failure;
    const why = within.aborted ? `no answer within ${agentsWithinMs / 1_000} s` : (errorCode(error) ?? failure.message);
    const reason = `they could not be looked at (${why})`;
    const none = { lockFiles: 0, badLockFiles: 0, files: [] };
    return { declared: true, status: 'unknown', reason, script: 'unknown', scriptSaid: why, ...none };
  }
}

function wordOf({ state, health }: ContainerFacts): string {
  return health === 'none' || state !== 'running' ? state : `${state} (${health})`;
}

function stateOf(facts: ContainerFacts) {
  const { id, name, image, imageReference, state, health, exitCode, oomKilled, error } = facts;
  const { createdAt, startedAt, finishedAt, restartCount, restartPolicy, mounts, networks } = facts;
  return {
    ...{ id, name, image, imageReference, state, health, exitCode, oomKilled, error },
    ...{ createdAt, startedAt, finishedAt, restartCount, restartPolicy, mounts, networks },
  };
}
