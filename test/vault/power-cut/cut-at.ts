import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { programOf, resumeFaults, stateFaults } from '../sweep/bench.ts';
import { endGroup } from '../sweep/end-group.ts';
import { freezeAt, stoppedChild } from '../sweep/frozen.ts';
import { notesOf } from '../sweep/operations.ts';
import type { Point } from '../sweep/points.ts';
import { straceArgv } from '../sweep/strace.ts';
import { wholeFaults } from '../sweep/try-point.ts';
import { copyWorld } from '../sweep/world.ts';
import type { XfsImage } from './xfs-image.ts';

/**
 * Lets the power go at one call of an operation, while its process stands still there; comes back, looks, and resumes.
 * @param scratch a folder that does not lie on the image
 * @returns what is not as it must be; empty when all is well
 */
export async function cutAt({ bench, call }: Point, image: XfsImage, scratch: string): Promise<string[]> {
  const places = copyWorld(bench.template, join(image.mountPoint, 'world'));
  image.settle();
  const trace = join(scratch, 'trace');
  const argv = straceArgv(programOf(bench.program, bench.operation, places, 1), trace, freezeAt(call));
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1' };
  const strace = spawn(argv[0] ?? '', argv.slice(1), { env, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  let said = '';
  strace.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const gone = once(strace, 'close');
  try {
    await stoppedChild(strace.pid, trace);
    image.cut();
  } finally {
    endGroup(strace.pid);
    await gone;
    await image.comeBack();
  }
  const faults = [
    ...stateFaults(bench, places, 'after the power cut'),
    ...wholeFaults(bench, places),
    ...[...said.matchAll(/"acknowledged":"(\w+)"/g)]
      .filter(([, text]) => ![...notesOf(places).contents].some((note) => note.endsWith(` ${text}`)))
      .map(([, text]) => `the record "${text}" was acknowledged and is gone`),
    ...(await resumeFaults(bench, places, 'afterwards')),
  ];
  rmSync(places.root, { recursive: true });
  rmSync(trace);
  return faults.map((text) => `${bench.operation}, power cut at ${call.name} ${call.when}: ${text}`);
}
