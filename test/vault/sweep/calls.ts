/** What the sweep breaks off or lets fail: groups of system calls, by every name that kernels and libraries have for them. */
export const callGroups = {
  rename: ['rename', 'renameat', 'renameat2'],
  link: ['link', 'linkat', 'symlink', 'symlinkat'],
  fsync: ['fsync', 'fdatasync'],
  open: ['open', 'openat'],
  unlink: ['unlink', 'unlinkat', 'rmdir'],
  mkdir: ['mkdir', 'mkdirat'],
  write: ['write', 'writev', 'pwrite64', 'pwritev', 'copy_file_range', 'sendfile', 'ftruncate'],
  metadata: [
    'chmod',
    'fchmod',
    'fchmodat',
    'chown',
    'fchown',
    'lchown',
    'fchownat',
    'utimensat',
    'utimes',
    'futimesat',
  ],
  read: ['read', 'readv', 'pread64', 'preadv', 'getdents64'],
} as const;

export type CallGroup = keyof typeof callGroups;

/** One system call of a traced program. */
export interface Call {
  readonly group: CallGroup;
  readonly name: string;
  /** It is the so-manieth of its name in the program, from 1: what strace's `when=` counts. */
  readonly when: number;
  readonly text: string;
  /** What is the same of it in every run. */
  readonly shape: string;
  /** Bytes, descriptor, or -1. */
  readonly returned: number;
}

const groupOf = new Map<string, CallGroup>(
  Object.entries(callGroups).flatMap(([group, names]) => names.map((name) => [name, group as CallGroup] as const)),
);

/** What strace has to trace: the names that this kernel does not know are passed over. */
export const traced = [...groupOf.keys(), 'access', 'faccessat', 'faccessat2'].map((name) => `?${name}`).join(',');

/**
 * The calls of a trace between the marks of the program (see `children/operate.ts`) that touch the folder of the
 * operation. A path through a descriptor in /proc is the vault's way below a root.
 */
export function callsIn(trace: string, folder: string): Call[] {
  const counts = new Map<string, number>();
  const calls: Call[] = [];
  let inside = false;
  for (const text of trace.split('\n')) {
    if (text.includes('"/sweep-begins"')) inside = true;
    if (text.includes('"/sweep-ends"')) inside = false;
    const name = /^([a-z0-9_]+)\(/.exec(text)?.[1];
    const group = name === undefined ? undefined : groupOf.get(name);
    if (name === undefined || group === undefined) continue;
    const when = (counts.get(name) ?? 0) + 1;
    counts.set(name, when);
    const ours = text.includes(folder) || text.includes('"/proc/self/fd/');
    if (inside && ours)
      calls.push({ group, name, when, text, shape: shapeOf(text, folder), returned: returnedBy(text) });
  }
  return calls;
}

/** The same call in another run: the folder, names of attempts and numbers of descriptors differ. */
export function shapeOf(text: string, folder: string): string {
  const group = groupOf.get(/^[a-z0-9_]+/.exec(text)?.[0] ?? '');
  // What was read or written differs, or does not show where it failed: only the file counts.
  const known = group === 'read' || group === 'write' ? text.replace(/>, .*$/, '>') : text;
  return known
    .replaceAll(folder, '')
    .replace(/\s+(=|<unfinished).*$/, '')
    .replaceAll(/0x[0-9a-f]+|[0-9a-f]{8,}/g, '#')
    .replaceAll(/\d+/g, '#')
    .slice(0, 200);
}

function returnedBy(text: string): number {
  return Number(/\) += (-?\d+)/.exec(text)?.[1] ?? -1);
}
