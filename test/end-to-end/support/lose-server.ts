import { readFileSync, rmSync } from 'node:fs';
import { serverPlaces, workerPlaces } from '../../../workers/places.ts';
import type { Practice } from './practice.ts';

/** The disk of the Temporal server is lost, its worker dies with it: all that is left is the journal on the host. */
export function loseServer({ lab, environment }: Practice): void {
  const server = serverPlaces(lab.stateDir);
  for (const { info } of [workerPlaces(lab.stateDir, environment), server]) {
    process.kill((JSON.parse(readFileSync(info, 'utf8')) as { readonly pid: number }).pid, 'SIGKILL');
  }
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${server.database}${suffix}`, { force: true });
}
