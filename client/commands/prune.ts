import type { Command } from 'commander';
import type { UpkeepResult } from '../../contract/upkeep.ts';
import type { Call, PlaceOptions } from '../command.ts';
import { placeOptions } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';
import type { UpkeepOrder } from '../run-upkeep.ts';
import type { Session } from '../session.ts';
import { formatBytes } from '../text.ts';

export const usage = `Frees what rollbacks have kept that are committed or undone, and ended long enough ago: their safety copies and what
was moved aside. Journals, plans, evidence, reports and archives stay.

It lists first what it would free, with bytes, and frees nothing until somebody agrees: at the terminal, with --yes, or
with --plan for exactly the list that was shown.`;

export function options(command: Command): void {
  command
    .option('--older-than <duration>', 'since the last record of a rollback, as 12h or 7d', '7d')
    .option('--why <text>', 'stands in the journal', 'asked by the operator')
    .option('-y, --yes', 'agree beforehand to whatever the list has')
    .option('--plan <hash>', 'agree to exactly the list that was shown under this hash');
  placeOptions(command);
}

interface PruneOptions extends PlaceOptions {
  readonly olderThan: string;
  readonly why: string;
  readonly yes?: boolean;
  readonly plan?: string;
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<PruneOptions>();
  const { parseAge } = await import('../parse-age.ts');
  const olderThanMs = parseAge(given.olderThan);
  const { loadTargetFrom } = await import('../load-target.ts');
  const loaded = await loadTargetFrom(given);
  const { withSession } = await import('../session.ts');
  const { tellUpkeep } = await import('../run-upkeep.ts');
  const order: UpkeepOrder = {
    task: { kind: 'prune', olderThanMs },
    why: given.why,
    yes: given.yes === true,
    agreedPlan: given.plan ?? null,
    target: loaded.target,
    targetHash: loaded.hash,
  };
  const result = await withSession({ place: loaded, options: given, out, bringUp: true }, (session) =>
    agreeAndRun(session, order),
  );
  if (result.outcome === 'needs-agreement') {
    out.aside(
      `Nothing was freed. To free it: rollback prune --older-than ${given.olderThan} --plan ${result.plan?.hash}`,
    );
  }
  return tellUpkeep(result, loaded.environment, out);
}

async function agreeAndRun(session: Session, order: UpkeepOrder): Promise<UpkeepResult> {
  const { runUpkeep } = await import('../run-upkeep.ts');
  const result = await runUpkeep(session, order);
  const { plan } = result;
  if (result.outcome !== 'needs-agreement' || plan === null || !session.out.interactive) return result;
  session.out.lines(plan.lines.map((line) => `- ${line}`));
  const { confirm, isCancel } = await import('@clack/prompts');
  const agreed = await confirm({ message: `Free ${formatBytes(plan.bytes)}?`, initialValue: false });
  return isCancel(agreed) || !agreed ? result : runUpkeep(session, { ...order, agreedPlan: plan.hash });
}
