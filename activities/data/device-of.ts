import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from '../../vault/errors.ts';

/**
 * On which filesystem a path lies or would lie: `<major:minor> <source> on <mount point>`. An empty folder where a data
 * disk should be mounted looks like lost data; only this tells them apart (design §3).
 * @returns null where the system does not tell
 * @see proc_pid_mountinfo(5)
 */
export function deviceOf(path: string): string | null {
  if (process.platform !== 'linux') return null;
  const real = nearestReal(path);
  let found: { readonly point: string; readonly text: string } | undefined;
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , numbers = '', root = '/', field = ''] = before.split(' ');
    const point = unescaped(field);
    if (point === '' || !isAtOrBelow(real, point)) continue;
    // Of two mounts on one point the later lies on top.
    if (found !== undefined && point.length < found.point.length) continue;
    const source = unescaped(after.split(' ')[1] ?? '');
    found = { point, text: `${numbers} ${source}${root === '/' ? '' : unescaped(root)} on ${point}` };
  }
  return found?.text ?? null;
}

/** The device number changes with a reboot; source and mount point do not. Unknown ones are taken as the same. */
export function isSameDevice(a: string | null | undefined, b: string | null | undefined): boolean {
  if (a === null || a === undefined || b === null || b === undefined) return true;
  return withoutNumbers(a) === withoutNumbers(b);
}

function withoutNumbers(device: string): string {
  return device.slice(device.indexOf(' ') + 1);
}

/** The path itself where it exists, else the folder that would hold it. */
function nearestReal(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const code = errorCode(error);
    if ((code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EACCES') || path === dirname(path)) throw error;
    return nearestReal(dirname(path));
  }
}

function isAtOrBelow(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

function unescaped(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
