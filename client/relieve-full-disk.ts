import { existsSync } from 'node:fs';
import { lowWaterBytes } from '../runbook/full-disk.ts';
import { freeBytes } from '../vault/ballast.ts';
import { environmentLayout } from '../vault/layout.ts';
import type { PlaceOptions } from './command.ts';
import { nearestThere } from './examine-here.ts';
import { toFailure } from './failures.ts';
import type { LoadedTarget } from './load-target.ts';
import type { Output } from './output.ts';
import { formatBytes } from './text.ts';

/**
 * An emergency on a disk that is nearly full: server and journal could not write what has to be done. The experiment is
 * paused at once, without them, and the space in reserve given up. What goes wrong here is told and stops nothing.
 */
export async function relieveFullDisk(loaded: LoadedTarget, options: PlaceOptions, out: Output): Promise<void> {
  const free = freeBytes(nearestThere(loaded.stateRoot));
  if (free >= lowWaterBytes || !(await isThisHost(loaded, options))) return;
  out.aside(`Only ${formatBytes(free)} are free for the state folder: the experiment is paused before all else.`);
  try {
    const { runRelief } = await import('./worker-process.ts');
    const { paused, notPaused, freedBytes } = await runRelief(loaded.stateRoot, loaded.target);
    out.aside(paused.length === 0 ? 'Nothing of it ran.' : `Paused: ${paused.join(', ')}.`);
    for (const { name, why } of notPaused) out.aside(`Not paused: ${name} (${why}).`);
    out.aside(
      freedBytes > 0
        ? `The ballast is given up: ${formatBytes(freedBytes)} are free again.`
        : 'There is no ballast to give up: free some space if the rollback does not begin.',
    );
  } catch (error) {
    out.aside(`The experiment could not be paused beforehand: ${toFailure(error).message}`);
  }
}

/** With a team's server the worker may be elsewhere: then this disk is not the one that counts. */
async function isThisHost({ stateRoot, environment }: LoadedTarget, options: PlaceOptions): Promise<boolean> {
  const { configuredServer } = await import('./connect.ts');
  return configuredServer(options) === undefined || existsSync(environmentLayout(stateRoot, environment).root);
}
