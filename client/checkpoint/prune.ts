import { confirm, isCancel } from '@clack/prompts';
import type { PruneRequest, PruneResult } from '../../contract/checkpoint.ts';
import { makeRollbackId, pruneWorkflowId, workflowTypes } from '../../contract/ids.ts';
import { decidePrune, type PruneFate, pruneWish } from '../../runbook/decide-prune.ts';
import { openRollbacks, readShelf, shelvedFacts } from '../../vault/checkpoint-shelf.ts';
import { diskUse } from '../../vault/disk-use.ts';
import { environmentLayout } from '../../vault/layout.ts';
import type { PlaceOptions } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import type { LoadedTarget } from '../load-target.ts';
import type { Output } from '../output.ts';
import { personHere } from '../person.ts';
import type { Session } from '../session.ts';
import { salt } from '../start-rollback.ts';
import type { Style } from '../style.ts';
import { formatBytes, plural, wrap } from '../text.ts';

export interface PruneOptions extends PlaceOptions {
  readonly reason: string;
  readonly keep: number;
  readonly yes?: boolean;
}

/** What would go, with the bytes on disk that its removal frees. */
export interface PruneForecast {
  readonly fates: readonly (PruneFate & { readonly bytes: number })[];
  /** Of all that go together: files shared among them alone count once, files shared with what stays not at all. */
  readonly frees: number;
}

/**
 * Shows what is kept and what is freed, asks, and has the worker free it under the lock.
 * @throws ClientFailure `refused` when nobody can be asked and --yes was not given; nothing was freed then
 */
export async function pruneCheckpoints(given: PruneOptions, out: Output): Promise<ExitName> {
  const { loadTargetFrom } = await import('../load-target.ts');
  const loaded = await loadTargetFrom(given);
  const forecast = await forecastPrune(loaded, given.keep);
  const ids = forecast.fates.filter(({ fate }) => fate === 'free').map(({ id }) => id);
  out.lines(renderForecast(forecast, out.style));
  if (ids.length === 0) {
    out.result({ environment: loaded.environment, ...forecast, pruned: [], kept: [], exitCode: 0 });
    return 'ok';
  }
  if (given.yes !== true && !(await agreed(ids.length, forecast.frees, out))) {
    throw new ClientFailure(
      'refused',
      `Nobody agreed to free ${plural(ids.length, 'checkpoint')}; nothing was freed.`,
      {
        next: ['rollback checkpoint prune --yes'],
        data: forecast,
      },
    );
  }
  const result = await carryOut(loaded, { given, ids, out });
  const exit: ExitName = result.kept.length === 0 ? 'ok' : 'refused';
  out.lines(renderResult(result, out.style));
  out.result({ environment: loaded.environment, ...forecast, ...result, exitCode: exitCodes[exit].code });
  return exit;
}

async function forecastPrune({ stateRoot, environment, target }: LoadedTarget, keep: number): Promise<PruneForecast> {
  const layout = environmentLayout(stateRoot, environment);
  const shelf = readShelf(layout);
  const wish = pruneWish(keep, target.repository.checkpoint, openRollbacks(layout));
  const fates = decidePrune(shelf.map(shelvedFacts), wish);
  const dirOf = (id: string): string => layout.checkpoint(id).dir;
  const sized = [];
  for (const one of fates) sized.push({ ...one, bytes: (await diskUse([dirOf(one.id)])).own });
  const free = fates.filter(({ fate }) => fate === 'free');
  return { fates: sized, frees: (await diskUse(free.map(({ id }) => dirOf(id)))).own };
}

async function agreed(count: number, bytes: number, out: Output): Promise<boolean> {
  if (!out.interactive) return false;
  const message = `Free ${plural(count, 'checkpoint')}, ${formatBytes(bytes)}? They cannot be brought back.`;
  const answer = await confirm({ message, initialValue: false });
  return !isCancel(answer) && answer;
}

async function carryOut(
  loaded: LoadedTarget,
  order: { readonly given: PruneOptions; readonly ids: readonly string[]; readonly out: Output },
): Promise<PruneResult> {
  const { given, ids, out } = order;
  const { withSession } = await import('../session.ts');
  const { requireWorker } = await import('../pollers.ts');
  const { environment, target, hash } = loaded;
  const request: PruneRequest = {
    environment,
    pruneId: makeRollbackId('prune', Date.now(), salt()),
    by: personHere(),
    why: given.reason,
    target,
    targetHash: hash,
    keep: given.keep,
    ids,
  };
  return withSession({ place: loaded, options: given, out, bringUp: true }, async ({ connected }: Session) => {
    await requireWorker(connected, loaded);
    return connected.client.workflow.execute(workflowTypes.prune, {
      workflowId: pruneWorkflowId(environment, request.pruneId),
      taskQueue: connected.taskQueue,
      args: [request],
      staticSummary: `Free ${plural(ids.length, 'checkpoint')} of ${environment}: ${given.reason}`,
    });
  });
}

export function renderForecast({ fates, frees }: PruneForecast, style: Style): readonly string[] {
  const free = fates.filter(({ fate }) => fate === 'free');
  return [
    ...fates.flatMap(({ id, fate, reasons, bytes }) => {
      const word = fate === 'keep' ? style.green('keep') : style.yellow('free');
      return wrap(`${word}  ${id}  ${formatBytes(bytes)} of its own: ${reasons.join('; ')}`, style.width, '');
    }),
    free.length === 0
      ? 'Nothing can be freed.'
      : style.bold(`${plural(free.length, 'checkpoint')} can be freed: ${formatBytes(frees)} on disk.`),
  ];
}

function renderResult({ pruned, kept }: PruneResult, style: Style): readonly string[] {
  const bytes = pruned.reduce((sum, one) => sum + one.bytes, 0);
  return [
    style.green(`${plural(pruned.length, 'checkpoint')} freed: ${formatBytes(bytes)} on disk.`),
    ...pruned.flatMap(({ id, imagesInUse }) =>
      imagesInUse.map((image) => `- ${id}: ${image} stays, a container uses it and it is the image's last name`),
    ),
    ...kept.map(({ id, reasons }) => style.yellow(`- ${id} stays after all: ${reasons.join('; ')}`)),
  ];
}
