import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

type Contender = ChildProcessByStdio<Writable, Readable, null>;

/**
 * Starts a `contend` process for each name, lets all go at once, and returns what each got. All live until the last
 * has answered: the dead hold nothing.
 */
export async function contenders(names: readonly string[], start: (name: string) => Contender): Promise<string[]> {
  const all = names.map((name) => {
    const process = start(name);
    return { process, lines: createInterface({ input: process.stdout })[Symbol.asyncIterator]() };
  });
  try {
    for (const { lines } of all) await lines.next();
    for (const { process } of all) process.stdin.write('go\n');
    return await Promise.all(all.map(async ({ lines }) => String((await lines.next()).value)));
  } finally {
    for (const { process } of all) process.stdin.end();
    await Promise.all(all.map(({ process }) => (process.exitCode === null ? once(process, 'exit') : undefined)));
  }
}
