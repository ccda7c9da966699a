import { readFileSync, realpathSync } from 'node:fs';

/**
 * Mount points below a folder, as bytes relative to it. A bind mount of the same filesystem has the same device number,
 * so lstat alone does not show it.
 * @see proc_pid_mountinfo(5)
 */
export function mountsBelow(root: string): readonly Buffer[] {
  if (process.platform !== 'linux') return [];
  const real = realpathSync(root, { encoding: 'buffer' }).toString('latin1');
  const prefix = real === '/' ? '/' : `${real}/`;
  return readFileSync('/proc/self/mountinfo', 'latin1')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((field) =>
      field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .filter((path) => path.startsWith(prefix))
    .map((path) => Buffer.from(path.slice(prefix.length), 'latin1'));
}
