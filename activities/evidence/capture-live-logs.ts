import { doForEach } from '../containers/do-for-each.ts';
import { fileRef } from '../kernel/records.ts';
import type { ActBody } from '../kernel/room.ts';
import { captureLog } from './capture-log.ts';
import { findEvidenceContainers } from './find-evidence-containers.ts';
import { logBoundsFor } from './log-bounds.ts';
import { type KeptLog, readLogIndex } from './log-index.ts';

/**
 * Runbook 1.2: while everything is paused and still there (facts: after `down` there is no
 * log any more). Streamed to disk, bounded per container; what a container writes later is in the final logs.
 */
export const captureLiveLogs: ActBody = async (room) => {
  const { there } = await findEvidenceContainers(room);
  const before = new Set(readLogIndex(room).map(({ id }) => id));
  const bounds = logBoundsFor(room, there.length);
  const logs = await doForEach('read for their logs', there, (facts) => captureLog(room, facts, 'live', bounds));
  const index = `${room.rollback.evidenceDir}/logs/index.json`;
  return {
    outcome: logs.every(({ id }) => before.has(id)) ? 'already-done' : 'done',
    reason: toldOfLogs(logs),
    figures: figuresOfLogs(logs),
    files: logs.length === 0 ? [] : [fileRef(index)],
  };
};

export function toldOfLogs(logs: readonly KeptLog[]): string {
  const none = logs.filter((log) => log.none !== null).map(({ name, none }) => `${name} (${none ?? ''})`);
  const cut = logs.filter((log) => log.cut !== null).map(({ name }) => name);
  return [
    `Logs of ${logs.length - none.length} containers are on disk.`,
    ...(cut.length === 0 ? [] : [`Not whole: ${cut.join(', ')}.`]),
    ...(none.length === 0 ? [] : [`No log: ${none.join(', ')}.`]),
  ].join(' ');
}

export function figuresOfLogs(logs: readonly KeptLog[]): Readonly<Record<string, number>> {
  return {
    containers: logs.length,
    bytes: logs.reduce((sum, { bytes }) => sum + bytes, 0),
    cut: logs.filter(({ cut }) => cut !== null).length,
    withoutLog: logs.filter(({ none }) => none !== null).length,
  };
}
