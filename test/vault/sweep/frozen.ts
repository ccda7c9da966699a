import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { raiseEpoch } from '../../../vault/epoch.ts';
import { pollUntil } from '../../support/poll.ts';
import { programOf, stateFaults } from './bench.ts';
import { endGroup } from './end-group.ts';
import { sameAs } from './operations.ts';
import { differencesOf, pictureOf } from './picture.ts';
import { rollbackId } from './places.ts';
import type { Point } from './points.ts';
import { runProgram, straceArgv } from './strace.ts';
import { copyWorld } from './world.ts';

let tried = 0;

/**
 * Freezes an attempt at one call, as a host does that swaps or a machine that sleeps; a successor of a higher epoch
 * does the whole work; then the first one wakes. It must change nothing any more.
 * @returns what is not as it must be; empty when all is well
 */
export async function frozenFaults({ bench, call }: Point): Promise<string[]> {
  tried += 1;
  const root = join(bench.folder, `frozen-${tried}`);
  const places = copyWorld(bench.template, root);
  const trace = `${root}.trace`;
  const argv = straceArgv(programOf(bench.program, bench.operation, places, 1), trace, freezeAt(call));
  const frozen = spawn(argv[0] ?? '', argv.slice(1), {
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
    stdio: 'ignore',
    detached: true,
  });
  const gone = once(frozen, 'close');
  try {
    const pid = await stoppedChild(frozen.pid, trace);
    raiseEpoch(places.layout, { rollbackId, why: 'a successor', at: '2026-01-01T00:00:01.000Z' });
    const successor = await runProgram(programOf(bench.program, bench.operation, places, 2));
    const settled = pictureOf(root);
    wake(pid);
    await gone;
    const at = `${bench.operation}, frozen at ${call.name} ${call.when}`;
    const ended = successor.ended[0]?.outcome ?? successor.stderr;
    return [
      ...(['done', bench.swept.again].includes(ended) ? [] : [`the successor ended ${ended}`]),
      ...differencesOf(settled, pictureOf(root)).map((text) => `the woken attempt changed ${text}`),
      ...stateFaults(bench, places, 'at the end'),
      ...sameAs('the end', bench.end, bench.swept.end(places)),
    ].map((text) => `${at}: ${text}`);
  } finally {
    endGroup(frozen.pid);
    await gone;
    rmSync(root, { recursive: true, force: true });
    rmSync(trace, { force: true });
  }
}

/** The expression for strace's `-e inject=`. */
export function freezeAt({ name, when }: Point['call']): string {
  return `${name}:signal=SIGSTOP:when=${when}`;
}

/** The program that strace runs, once it stands still. */
export async function stoppedChild(strace: number | undefined, trace: string): Promise<number> {
  await pollUntil(
    'the attempt to be frozen',
    () => textOf(trace),
    (text) => text.includes('stopped by SIGSTOP'),
  );
  const children = () => textOf(`/proc/${strace}/task/${strace}/children`).trim();
  const pid = Number(await pollUntil('the frozen program', children, (text) => /^\d+$/.test(text)));
  return pid;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Its successor may have ended it: then there is nobody to wake. */
function wake(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
