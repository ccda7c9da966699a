import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FileRef } from '../../contract/step.ts';
import { errorCode } from '../../vault/errors.ts';
import { sha256 } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';
import { keepEvidence } from './keep-evidence.ts';

export type ScriptName = keyof Room['target']['scripts'] & string;

export interface ScriptRun {
  readonly good: boolean;
  readonly said: string;
  readonly exitCode: number | null;
  readonly seconds: number;
  /** Digest of the file that ran: after a return to the checkpoint the scripts are the old ones (facts). */
  readonly sha256: string | null;
  readonly file: FileRef;
}

const maxOutputBytes = 1024 * 1024;

/**
 * Runs a script of the target as the repository's owner and keeps its output. A missing script is a failed check, never
 * a skipped one (facts: the shell's 127).
 */
export async function runTargetScript(room: Room, name: ScriptName, folder = 'scripts'): Promise<ScriptRun | null> {
  const script = room.target.scripts[name];
  if (script === undefined) return null;
  const hash = hashOf(resolve(script.cwd, script.command[0] ?? ''));
  const result = await room.world.commands.run({
    argv: script.command,
    cwd: script.cwd,
    environment: script.environment,
    ...ownerOf(room.target.repository.path),
    timeoutMs: script.timeoutMs,
    maxOutputBytes,
    marker: room.marker,
    signal: room.signal,
  });
  const said = result.timedOut
    ? `did not end within ${script.timeoutMs / 1000} s and was killed`
    : result.exitCode === 127
      ? `is missing: ${script.command[0] ?? ''}`
      : result.signal === null
        ? `exit code ${result.exitCode ?? 'unknown'}`
        : `was killed by ${result.signal}`;
  const head = [`command: ${script.command.join(' ')}`, `sha256: ${hash ?? 'unknown'}`, `ended: ${said}`, ''].join(
    '\n',
  );
  const file = keepEvidence(room, `${folder}/${name}.txt`, `${head}\n${result.output}`);
  const good = result.exitCode === 0 && !result.timedOut;
  const seconds = Math.round(result.elapsedMs / 100) / 10;
  return { good, said: `${name} ${said}`, exitCode: result.exitCode, seconds, sha256: hash, file };
}

function hashOf(path: string): string | null {
  try {
    return sha256(readFileSync(path));
  } catch (error) {
    if (errorCode(error) !== undefined) return null;
    throw error;
  }
}

function ownerOf(path: string): { readonly owner?: { readonly uid: number; readonly gid: number } } {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? {} : { owner: { uid: stat.uid, gid: stat.gid } };
}
