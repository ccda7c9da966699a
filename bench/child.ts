import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Cost, Job } from './run-acts.ts';

const program = fileURLToPath(new URL('./run-acts.js', import.meta.url));

/** Runs the acts of a job in a process whose heap is 64 MB: what grows with the data does not fit there. */
export async function costOf(job: Job, folder: string, project: string): Promise<Cost> {
  const heap = '--max-old-space-size=64';
  const { stdout } = await execa(process.execPath, [heap, program, job, folder, project], { stdin: 'ignore' });
  return JSON.parse(stdout) as Cost;
}
