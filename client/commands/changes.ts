import type { Command } from 'commander';
import type { ChangesReport } from '../../contract/changes.ts';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';
import type { LoadedTarget } from '../load-target.ts';
import type { Output } from '../output.ts';
import { render } from '../render-difference.ts';

export const usage = `Shows what differs now from the checkpoint: commits, images, keys of environment and compose, and the data, root by root
with counts, bytes and days. The first question of every incident. Changes nothing and starts nothing.

The worker looks at the target's host; without server or worker the data are compared from here, and the rest is named as
not looked at. Values of the configuration are never shown: they may be secrets.`;

export function options(command: Command): void {
  placeOptions(command);
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<PlaceOptions>();
  const { loadTargetFrom } = await import('../load-target.ts');
  const loaded = await loadTargetFrom(given);
  const report = await lookThere(loaded, given, out);
  out.lines(render(report, out.style));
  out.result({ environment: loaded.environment, ...report, exitCode: 0 });
  return 'ok';
}

async function lookThere(loaded: LoadedTarget, given: PlaceOptions, out: Output): Promise<ChangesReport> {
  const { withSession } = await import('../session.ts');
  const { toFailure } = await import('../failures.ts');
  const { changesFromHere } = await import('../changes-from-here.ts');
  try {
    return await withSession({ place: loaded, options: given, out }, async (session) => {
      const { requireWorker } = await import('../pollers.ts');
      const { observe } = await import('../observe.ts');
      await requireWorker(session.connected, loaded);
      return observe(session, {
        kind: 'changes',
        environment: loaded.environment,
        target: loaded.target,
        targetHash: loaded.hash,
        scenario: 'service-disruption',
        security: false,
        choices: [],
      });
    });
  } catch (error) {
    const { kind, message } = toFailure(error);
    if (kind !== 'no-server' && kind !== 'no-worker') throw error;
    out.aside(`${message} Only what can be seen from here is compared.`);
    return changesFromHere(loaded);
  }
}
