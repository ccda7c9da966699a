import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileRef } from '../../contract/step.ts';
import { ensureDir, readIfThere, writeFileDurably } from '../../vault/durable-file.ts';
import { readSafetyCopy } from '../../vault/safety-copy.ts';
import { keepEvidence } from '../checks/keep-evidence.ts';
import { examineRoot } from '../data/examine-root.ts';
import { ActFailure } from '../kernel/failures.ts';
import { readCheckpoint, readPartialPlan } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import type { CommandResult } from '../kernel/world.ts';
import { type Migration, migrationHash } from './migration-hash.ts';

const maxOutputBytes = 256 * 1024;

/**
 * Runs the migration that somebody says is mended, and checks what it made (runbook, "Scenario 3"). `skipped` when it is
 * what has failed before; `failed` when it or its check fails, or a run of it was cut off: then it has to be taken back.
 * @throws ActFailure `refused` when there is nothing to take it back from
 */
export const runMigration: ActBody = async (room) => {
  const { migration } = room.target.partial;
  if (migration === null) throw new ActFailure('refused', 'The target names no migration; nothing was run.');
  const hash = migrationHash(migration);
  if (wasCutOff(room)) {
    return { outcome: 'failed', reason: 'The migration was begun and cut off; what it changed is taken back.' };
  }
  if (knownBad(room).has(hash)) {
    const files = migration.files.join(', ');
    const reason = `The migration is what has failed before, command and files (${files}): it was not run. Mend it first.`;
    return { outcome: 'skipped', reason, figures: { unchanged: true } };
  }
  refuseWithoutSafety(room, migration);
  const run = await runOnce(room, migration, hash);
  const files = [keep(room, 'run', run)];
  const fault = faultOf('The migration', run) ?? (await faultAfter(room, migration, files));
  if (fault !== null) return { outcome: 'failed', reason: fault, files };
  room.beforeEffect();
  ensureDir(room.rollback.planDir);
  writeFileDurably(migratedPath(room), `${JSON.stringify({ hash, roots: migration.roots })}\n`);
  return {
    outcome: 'done',
    reason: `The mended migration ran, and its check passes: ${migration.roots.join(', ')}.`,
    files,
  };
};

/** Data roots that the mended migration has changed, as its last good run left it written; read by the judgement. */
export function migratedRoots(room: Pick<Room, 'rollback'>): readonly string[] {
  const text = readIfThere(migratedPath(room));
  return text === undefined ? [] : (JSON.parse(text) as { readonly roots: readonly string[] }).roots;
}

export async function checkMigration(room: Room, { check }: Migration): Promise<CommandResult> {
  return room.world.commands.run({
    argv: check.command,
    cwd: room.target.repository.path,
    ...ownerOf(room),
    timeoutMs: check.timeoutMs,
    maxOutputBytes,
    marker: room.marker,
    signal: room.signal,
  });
}

/** What failed before this rollback, and every run of it since. */
function knownBad(room: Room): ReadonlySet<string> {
  const bad = new Set<string>();
  const { migration } = readPartialPlan(room);
  if (migration !== null) bad.add(migration);
  for (const record of room.journal.records()) {
    const hash =
      record.kind === 'intent' && record.effect.kind === 'migrate' ? record.effect.detail?.['hash'] : undefined;
    if (typeof hash === 'string') bad.add(hash);
  }
  return bad;
}

/** An earlier attempt of this very step had begun: it cannot be told how far it came. */
function wasCutOff(room: Room): boolean {
  return room.journal.records().some((record) => {
    return record.kind === 'intent' && record.effect.kind === 'migrate' && record.step === room.input.key;
  });
}

function refuseWithoutSafety(room: Room, { roots }: Migration): void {
  const kept = readSafetyCopy(room.rollback.safetyDir)?.roots.map(({ name }) => name) ?? [];
  const recorded = readCheckpoint(room)?.data.map(({ root }) => root) ?? [];
  const without = roots.filter((root) => !kept.includes(root) && !recorded.includes(root));
  if (without.length === 0) return;
  throw new ActFailure(
    'refused',
    `There is nothing to take ${without.join(', ')} back from; the migration was not run.`,
  );
}

async function runOnce(room: Room, { command, timeoutMs }: Migration, hash: string): Promise<CommandResult> {
  let result: CommandResult | undefined;
  const intent = { kind: 'migrate', target: command.join(' '), recovery: 'undo-from-copy', detail: { hash } } as const;
  await room.effect(intent, async () => {
    result = await room.world.commands.run({
      argv: command,
      cwd: room.target.repository.path,
      ...ownerOf(room),
      timeoutMs,
      maxOutputBytes,
      marker: room.marker,
      signal: room.signal,
    });
    return 'done' as const;
  });
  if (result === undefined) throw new ActFailure('unexpected', 'The migration left no result.');
  return result;
}

/** Its own check, and the integrity checks of the data, which hold whatever form they have. */
async function faultAfter(room: Room, migration: Migration, files: FileRef[]): Promise<string | null> {
  const check = await checkMigration(room, migration);
  files.push(keep(room, 'check', check));
  const fault = faultOf('The check of the migration', check);
  if (fault !== null) return fault;
  for (const root of room.target.data.filter(({ name }) => migration.roots.includes(name))) {
    const { integrity, reasons } = await examineRoot(room, root, readCheckpoint(room));
    if (integrity === 'corrupt')
      return `After the migration ${root.name} is corrupt: ${reasons.slice(0, 3).join('; ')}.`;
  }
  return null;
}

export function faultOf(what: string, { exitCode, timedOut, output }: CommandResult): string | null {
  if (exitCode === 0 && !timedOut) return null;
  const how = timedOut ? 'did not end in time' : `ended with ${exitCode ?? 'a signal'}`;
  const last = output.trim().split('\n').at(-1) ?? '';
  return `${what} ${how}${last === '' ? '' : `: ${last.slice(0, 200)}`}.`;
}

function keep(room: Room, name: string, { output, exitCode }: CommandResult): FileRef {
  const n = room.input.options.sample ?? 1;
  return keepEvidence(room, `partial/migration-${n}-${name}.txt`, `exit code ${exitCode ?? 'none'}\n${output}`);
}

function ownerOf(room: Room): { readonly owner?: { readonly uid: number; readonly gid: number } } {
  const stat = statSync(room.target.repository.path, { throwIfNoEntry: false });
  return stat === undefined ? {} : { owner: { uid: stat.uid, gid: stat.gid } };
}

function migratedPath({ rollback }: Pick<Room, 'rollback'>): string {
  return join(rollback.planDir, 'migrated.json');
}
