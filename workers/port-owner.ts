import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../vault/errors.ts';

const listening = '0A';

/**
 * Whether this very process listens on a TCP port of this host. That somebody answers there is not enough: two servers
 * that start at the same moment may have chosen the same port, and only one of them got it.
 */
export function ownsPort(pid: number, port: number): boolean {
  const inodes = listenersOn(port);
  return inodes.size > 0 && socketsOf(pid).some((inode) => inodes.has(inode));
}

/** Columns of proc_net_tcp(5): local address 1, state 3, inode 9. */
function listenersOn(port: number): ReadonlySet<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    (readOr(() => readFileSync(file, 'utf8')) ?? '').split('\n'),
  );
  const columns = rows.map((row) => row.trim().split(/\s+/));
  return new Set(
    columns.flatMap(([, local, , state, , , , , , inode]) =>
      state === listening && local?.endsWith(suffix) && inode !== undefined ? [inode] : [],
    ),
  );
}

function socketsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return (readOr(() => readdirSync(folder)) ?? []).flatMap((fd) => {
    const target = readOr(() => readlinkSync(join(folder, fd))) ?? '';
    return /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? [];
  });
}

/** A process or descriptor that has gone meanwhile owns nothing. */
function readOr<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ESRCH') return undefined;
    throw error;
  }
}
