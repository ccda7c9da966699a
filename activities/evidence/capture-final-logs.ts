import { join } from 'node:path';
import type { StepResult } from '../../contract/step.ts';
import { readIfThere } from '../../vault/durable-file.ts';
import { keepEvidence } from '../checks/keep-evidence.ts';
import { lives } from '../containers/change-container.ts';
import { doForEach } from '../containers/do-for-each.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { figuresOfLogs, toldOfLogs } from './capture-live-logs.ts';
import { captureLog } from './capture-log.ts';
import { findEvidenceContainers } from './find-evidence-containers.ts';
import { type KeptSource, keepSource, nameOfSource, sourcesOf } from './keep-source.ts';
import { logBoundsFor } from './log-bounds.ts';
import { type KeptLog, readLogIndex } from './log-index.ts';

/**
 * Runbook 1.2, after the exit: the lines since the live logs (the last words), how each container ended, and the files,
 * paths and results that the target names. A source that is not there is told, and keeps nothing else from being kept.
 */
export const captureFinalLogs: ActBody = async (room) => {
  const { there, missing } = await findEvidenceContainers(room);
  const bounds = logBoundsFor(room, there.length);
  const before = new Set(readLogIndex(room).flatMap(({ id, stage }) => (stage === 'final' ? [id] : [])));
  const exits = keepEvidence(room, 'exit-states.json', { containers: there.map(exitOf), gone: missing });
  const logs = await doForEach('read for their last lines', there, (facts) => captureLog(room, facts, 'final', bounds));
  const { sources, fresh } = await keepSources(room);
  const nothingNew = fresh === 0 && logs.every(({ id }) => before.has(id));
  const bad = sources.filter(({ status }) => status !== 'kept');
  return {
    outcome: outcomeOf(sources) ?? (nothingNew ? 'already-done' : 'done'),
    reason: [
      toldOfLogs(logs),
      ...toldOfExits(there, logs),
      ...(sources.length === 0 ? [] : [`${sources.length - bad.length} of ${sources.length} sources are kept.`]),
      ...bad.slice(0, 5).map(({ source, reason }) => `Not kept: ${nameOfSource(source)} (${reason}).`),
    ].join(' '),
    figures: {
      ...figuresOfLogs(logs),
      sources: sources.length,
      missing: sources.filter(({ status }) => status === 'missing').length,
      notKept: sources.filter(({ status }) => status === 'not-kept').length,
      gone: missing.length,
    },
    files: [exits, keepEvidence(room, recordName, sources)],
  };
};

const recordName = 'sources.json';

/** What all sources together may take: the logs come first, and an emergency does not wait for files. */
const sourcesWithinMs = { full: 60_000, emergency: 12_000 } as const;

/** One after the other: they share the disk. Those that an earlier attempt kept stay as they are. */
async function keepSources(room: Room): Promise<{ readonly sources: readonly KeptSource[]; readonly fresh: number }> {
  const text = readIfThere(join(room.rollback.evidenceDir, recordName));
  const earlier = text === undefined ? [] : (JSON.parse(text) as readonly KeptSource[]);
  const within = AbortSignal.timeout(sourcesWithinMs[room.input.mode]);
  const kept: KeptSource[] = [];
  let fresh = 0;
  for (const source of sourcesOf(room.target)) {
    room.progress(`keeps ${nameOfSource(source)}`);
    const known = earlier.find((one) => one.status === 'kept' && sameSource(one.source, source));
    const now = known ?? (await keepSource(room, source, within));
    if (known === undefined && now.status === 'kept') fresh += 1;
    kept.push(now);
    const rest = earlier.filter((one) => !kept.some((two) => sameSource(one.source, two.source)));
    keepEvidence(room, recordName, [...kept, ...rest]);
  }
  return { sources: kept, fresh };
}

function sameSource(one: KeptSource['source'], two: KeptSource['source']): boolean {
  return JSON.stringify(one) === JSON.stringify(two);
}

/** What is not there cannot be kept, which is a finding; what is there and was not kept is an open question. */
function outcomeOf(sources: readonly KeptSource[]): StepResult['outcome'] | undefined {
  return sources.some(({ status }) => status === 'not-kept') ? 'unknown' : undefined;
}

function exitOf({ id, name, state, exitCode, oomKilled, error, startedAt, finishedAt, restartCount }: ContainerFacts) {
  return { id, name, state, exitCode, oomKilled, error, startedAt, finishedAt, restartCount };
}

function toldOfExits(there: readonly ContainerFacts[], logs: readonly KeptLog[]): readonly string[] {
  const oom = there.filter(({ oomKilled }) => oomKilled).map(({ name }) => name);
  const read = new Set(logs.map(({ id }) => id));
  const alive = there.filter((facts) => lives(facts) && read.has(facts.id)).map(({ name }) => name);
  return [
    ...(oom.length === 0 ? [] : [`Out of memory: ${oom.join(', ')}.`]),
    ...(alive.length === 0 ? [] : [`Still there, so not their last lines: ${alive.join(', ')}.`]),
  ];
}
