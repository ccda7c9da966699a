import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ensureDir, evidenceMode, nameExists, readIfThere, writeFileDurably } from '../../vault/durable-file.ts';
import { errorCode } from '../../vault/errors.ts';
import { stackOf } from '../containers/stack-of.ts';
import { asActFailure } from '../kernel/act.ts';
import { fileRef, sha256 } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';

export type DefinitionRole = 'compose' | 'env' | 'script' | 'effective';

/** `snapshot/index.json`: files under the name of their content's hash, in the same folder. */
export interface DefinitionSnapshot {
  readonly format: 1;
  readonly at: string;
  readonly files: readonly {
    readonly role: DefinitionRole;
    readonly path: string;
    readonly sha256: string;
    readonly bytes: number;
    readonly mode: number;
  }[];
  /** Named by the target or by a compose file, and not there or not readable. */
  readonly missing: readonly { readonly role: DefinitionRole; readonly path: string; readonly reason: string }[];
}

/** Larger ones are no definitions. */
const maxBytes = 16 * 1024 * 1024;

/**
 * Compose files, env files and scripts of both systems by hash, before git changes anything: at the checkpoint the
 * experiment's compose file may not exist (facts). The first snapshot counts, whatever is there later.
 */
export const captureDefinitions: ActBody = async (room) => {
  const index = join(room.rollback.snapshotDir, 'index.json');
  const earlier = readIfThere(index);
  if (earlier !== undefined) {
    const { at, files, missing } = JSON.parse(earlier) as DefinitionSnapshot;
    return {
      outcome: 'already-done',
      reason: `The snapshot of ${at} stands: ${files.length} files.`,
      figures: { files: files.length, missing: missing.length },
      files: [fileRef(index)],
    };
  }
  const snapshot = new Snapshot(room);
  for (const { role, path } of definitionsOf(room)) snapshot.take(role, path);
  await takeEffective(room, snapshot);
  const { files, missing } = snapshot;
  const record: DefinitionSnapshot = { format: 1, at: new Date(room.world.now()).toISOString(), files, missing };
  room.beforeEffect();
  ensureDir(room.rollback.snapshotDir);
  writeFileDurably(index, `${JSON.stringify(record, null, 2)}\n`);
  return {
    outcome: 'done',
    reason:
      `${files.length} compose files, env files and scripts are kept by hash.` +
      (missing.length === 0
        ? ''
        : ` Not kept: ${missing
            .slice(0, 5)
            .map(({ path, reason }) => `${path} (${reason})`)
            .join(', ')}.`),
    figures: { files: files.length, missing: missing.length },
    files: [fileRef(index)],
  };
};

interface Definition {
  readonly role: DefinitionRole;
  readonly path: string;
}

function definitionsOf({ target }: Pick<Room, 'target'>): readonly Definition[] {
  const { stable, experiment, compose, scripts } = target;
  const composeFiles = [...stable.composeFiles, ...experiment.composeFiles];
  const env = [...stable.envFiles, ...experiment.envFiles];
  // Compose reads it unasked where no env file is named.
  const implied = join(compose.directory, '.env');
  const programs = Object.values(scripts).flatMap((script) => {
    const program = script?.command[0] ?? '';
    // A bare word is a program of the host, no script of the target.
    return script !== undefined && program.includes('/') ? [resolve(script.cwd, program)] : [];
  });
  const all: Definition[] = [
    ...composeFiles.map((path) => ({ role: 'compose', path }) as const),
    ...composeFiles.flatMap((file) => namedIn(file, compose.directory)),
    ...[...env, ...(nameExists(implied) ? [implied] : [])].map((path) => ({ role: 'env', path }) as const),
    ...programs.map((path) => ({ role: 'script', path }) as const),
  ];
  return all.filter((one, n) => all.findIndex(({ path }) => path === one.path) === n);
}

const envFile = z.union([z.string(), z.looseObject({ path: z.string() }).transform(({ path }) => path)]);

const naming = z.looseObject({
  services: z
    .record(
      z.string(),
      z
        .looseObject({
          env_file: z.union([envFile.transform((one) => [one]), z.array(envFile)]).optional(),
          extends: z.union([z.string(), z.looseObject({ file: z.string().optional() })]).optional(),
        })
        .nullish(),
    )
    .optional(),
});

/** Files that a compose file names: without them it cannot be read again. One that is no YAML is kept all the same. */
function namedIn(file: string, directory: string): readonly Definition[] {
  const services = Object.values(parsed(file)?.services ?? {});
  return services.flatMap((service) => {
    const base = typeof service?.extends === 'object' ? service.extends.file : undefined;
    return [
      ...(service?.env_file ?? []).map((path) => ({ role: 'env', path: resolve(directory, path) }) as const),
      ...(base === undefined ? [] : [{ role: 'compose', path: resolve(dirname(file), base) } as const]),
    ];
  });
}

function parsed(file: string): z.output<typeof naming> | undefined {
  try {
    return naming.safeParse(parse(readFileSync(file, 'utf8'))).data;
  } catch {
    // Missing, unreadable or no YAML: what it names is not known, and the file itself is told by the snapshot.
    return undefined;
  }
}

/** What compose makes of the stable files now. An emergency does not wait for it: the files themselves are kept. */
async function takeEffective(room: Room, snapshot: Snapshot): Promise<void> {
  if (room.input.mode === 'emergency') return;
  const { repository, stable, experiment } = room.target;
  for (const [system, stack] of [
    ['stable', stable],
    ['experiment', experiment],
  ] as const) {
    // An experiment that was started by hand alone has no file to make anything of.
    if (stack.composeFiles.length === 0) continue;
    const path = `${repository.path} (effective configuration of the ${system})`;
    try {
      const { text } = await room.world.compose.config(stackOf(room, stack), room.marker);
      snapshot.add({ role: 'effective', path, content: Buffer.from(text), mode: evidenceMode });
    } catch (error) {
      room.signal.throwIfAborted();
      snapshot.missing.push({ role: 'effective', path, reason: asActFailure(error).message });
    }
  }
}

class Snapshot {
  readonly files: DefinitionSnapshot['files'][number][] = [];
  readonly missing: DefinitionSnapshot['missing'][number][] = [];
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  take(role: DefinitionRole, path: string): void {
    try {
      const { mode, size } = statSync(path);
      if (size > maxBytes) this.missing.push({ role, path, reason: `${size} bytes are no definition` });
      else this.add({ role, path, content: readFileSync(path), mode: mode & 0o7777 });
    } catch (error) {
      const code = errorCode(error);
      if (code === undefined) throw error;
      const absent = code === 'ENOENT' || code === 'ENOTDIR';
      this.missing.push({ role, path, reason: absent ? 'it is not there' : `it cannot be read: ${code}` });
    }
  }

  /** Env files hold secrets, and compose files may: readable by their owner only. */
  add(one: {
    readonly role: DefinitionRole;
    readonly path: string;
    readonly content: Buffer;
    readonly mode: number;
  }): void {
    const { role, path, content, mode } = one;
    const hash = sha256(content);
    const to = join(this.#room.rollback.snapshotDir, hash);
    if (!nameExists(to)) {
      this.#room.beforeEffect();
      ensureDir(this.#room.rollback.snapshotDir);
      writeFileDurably(to, content, evidenceMode);
    }
    this.files.push({ role, path, sha256: hash, bytes: content.length, mode });
  }
}
