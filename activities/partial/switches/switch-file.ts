import { chownSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFileDurably } from '../../../vault/durable-file.ts';
import { errorCode } from '../../../vault/errors.ts';
import { awaitState, graceOf, lives } from '../../containers/change-container.ts';
import { findSystems } from '../../containers/find-containers.ts';
import { ActFailure } from '../../kernel/failures.ts';
import type { Room } from '../../kernel/room.ts';
import { type KeyValue, readKey, writeKey } from './edit-key.ts';
import type { SwitchKind, SwitchOf } from './switch-kind.ts';

type FileSwitch = SwitchOf<'file'>;

/** A key in an env or configuration file. Other keys, comments, owner and mode stay; the file changes whole or not at all. */
export const fileSwitch: SwitchKind<FileSwitch> = {
  async look(_room, { file, format, key, value }) {
    const now = readKey(textOf(file), format, key);
    return {
      set: String(now) === String(value),
      said: `${key} in ${file} is ${now === undefined ? 'absent' : String(now)}`,
    };
  },
  async inverse(_room, { file, format, key }) {
    return { value: readKey(textOf(file), format, key) ?? null };
  },
  async set(room, what) {
    await change(room, what, what.value);
  },
  async takeBack(room, what, { value }) {
    const earlier =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
    await change(room, what, earlier);
  },
};

async function change(room: Room, what: FileSwitch, value: KeyValue | undefined): Promise<void> {
  const { file, format, key, name } = what;
  const before = textOf(file);
  const after = writeKey(before, format, { key, value });
  if (after !== before) {
    const { mode, uid, gid } = statSync(file);
    await room.effect({ kind: 'set-key', target: file, recovery: 'do-again', detail: { name, key } }, async () => {
      writeFileDurably(file, after, mode & 0o7777);
      if (process.getuid?.() === 0) chownSync(file, uid, gid);
      return 'done' as const;
    });
  }
  // Also when the file is right already: an attempt may have died between the two.
  await restart(room, what);
  await reload(room, what);
}

async function restart(room: Room, { restart: wanted, name }: FileSwitch): Promise<void> {
  if (wanted.length === 0) return;
  const { stable, experiment } = await findSystems(room);
  const found = [...stable, ...experiment].filter(
    ({ facts, service }) => wanted.includes(facts.name) || (service !== null && wanted.includes(service)),
  );
  for (const { facts } of found.filter(({ facts: { state } }) => state === 'running')) {
    const { id } = facts;
    const intent = { target: id, recovery: 'do-again', detail: { name: facts.name, for: name } } as const;
    await room.effect({ kind: 'restart-stop', ...intent }, () => room.world.docker.stop(id, graceOf(room, facts)));
    await awaitState(room, facts, 'is still alive after it was ended', (now) => !lives(now));
    await room.effect({ kind: 'start', ...intent }, () => room.world.docker.start(id));
    await awaitState(room, facts, 'does not run after it was started', (now) => now?.state === 'running');
  }
}

async function reload(room: Room, { reload: wanted, name, file }: FileSwitch): Promise<void> {
  if (wanted === null) return;
  const intent = { kind: 'reload', target: name, recovery: 'do-again', detail: { command: wanted.command } } as const;
  await room.effect(intent, async () => {
    const ended = await room.world.commands.run({
      argv: wanted.command,
      cwd: dirname(file),
      timeoutMs: wanted.timeoutMs,
      maxOutputBytes: 64 * 1024,
      marker: room.marker,
      signal: room.signal,
    });
    if (ended.exitCode === 0) return 'done' as const;
    throw new ActFailure(
      'refused',
      `The command that makes ${name} take effect ended with ${ended.exitCode ?? ended.signal}: ${ended.output.slice(0, 300)}`,
    );
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ActFailure('refused', `${file} cannot be read (${errorCode(cause) ?? 'unknown'}); nothing was changed.`, {
      cause,
    });
  }
}
