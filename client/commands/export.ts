import { chmodSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { ExportedPlans } from '../../contract/observe.ts';
import type { RollbackScenario } from '../../runbook/scenarios.ts';
import { fullScenarioOf, rollbackScenarios } from '../../runbook/scenarios.ts';
import type { Call } from '../command.ts';
import { placeOptions } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';
import { ClientFailure } from '../failures.ts';
import type { LoadedTarget } from '../load-target.ts';
import type { Output } from '../output.ts';
import type { RequestOptions } from '../request-options.ts';
import { choiceOptions, choicesOf } from '../request-options.ts';

export const usage = `Writes the plan as a readable POSIX shell script for the day when everything else is dead: same order, same safety, by
ids. It needs sh, docker, git and the GNU tools, refuses to run on another engine or repository, and says what it did not
do. Changes nothing itself. Make it before the incident and keep it with the checkpoint.

The worker makes the plan of now; with no server the plan of the last rollback on this host is written instead.`;

export function options(command: Command): void {
  command
    .addOption(new Option('--sh', 'as a shell script').makeOptionMandatory())
    .addOption(
      new Option('-s, --scenario <name>', 'what kind of incident it is')
        .choices([...rollbackScenarios])
        .default('data-corruption'),
    )
    .option('-o, --output <file>', 'where to write it (default: standard output)');
  choiceOptions(command);
  placeOptions(command);
}

interface ExportOptions extends RequestOptions {
  readonly scenario: RollbackScenario;
  readonly output?: string;
}

interface Source {
  readonly plans: ExportedPlans;
  readonly from: string;
  readonly scenario: RollbackScenario;
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<ExportOptions>();
  const { loadTargetFrom } = await import('../load-target.ts');
  const loaded = await loadTargetFrom(given);
  const { plans, from, scenario } = await plansNow(loaded, given, out);
  const { scriptFacts } = await import('../export/facts.ts');
  const { renderScript } = await import('../export/script.ts');
  const suspectData = scenario === 'data-corruption' || given.security === true;
  const facts = await scriptFacts(loaded, { target: loaded.target, plans, from, suspectData });
  const script = renderScript(facts);
  const file = given.output === undefined ? null : resolve(given.output);
  if (file === null) out.lines([script.trimEnd()]);
  else {
    writeFileSync(file, script);
    chmodSync(file, 0o750);
    out.lines([`Written: ${file}. It was not run.`, ...facts.notDone.map((line) => `- it will not: ${line}`)]);
  }
  out.result({ environment: loaded.environment, file, from, notDone: facts.notDone, script, exitCode: 0 });
  return 'ok';
}

async function plansNow(loaded: LoadedTarget, given: ExportOptions, out: Output): Promise<Source> {
  const { withSession } = await import('../session.ts');
  const { toFailure } = await import('../failures.ts');
  const choices = choicesOf(
    given,
    loaded.target.data.map(({ name }) => name),
  );
  try {
    const plans = await withSession({ place: loaded, options: given, out }, async (session) => {
      const { requireWorker } = await import('../pollers.ts');
      const { observe } = await import('../observe.ts');
      await requireWorker(session.connected, loaded);
      return observe(session, {
        kind: 'export',
        environment: loaded.environment,
        target: loaded.target,
        targetHash: loaded.hash,
        scenario: given.scenario,
        security: given.security === true,
        choices,
      });
    });
    return { plans, from: `a plan made then for ${given.scenario}`, scenario: given.scenario };
  } catch (error) {
    const { kind, message } = toFailure(error);
    if (kind !== 'no-server' && kind !== 'no-worker') throw error;
    out.aside(`${message} The plan of the last rollback on this host is written instead.`);
    return lastPlans(loaded);
  }
}

async function lastPlans(loaded: LoadedTarget): Promise<Source> {
  const { readRollback, rollbackIdsIn } = await import('../rollback-files.ts');
  const { plansOnDisk } = await import('../export/facts.ts');
  for (const id of [...rollbackIdsIn(loaded)].reverse()) {
    const found = readRollback(loaded, id);
    try {
      if (found === undefined) continue;
      const scenario = fullScenarioOf(found.request?.scenario ?? 'data-corruption');
      return { plans: plansOnDisk(found.files.planDir), from: `the plan of rollback ${id}`, scenario };
    } catch (error) {
      // One that ended before its plan was made has nothing to export.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  throw new ClientFailure(
    'not-found',
    'No plan lies on this host, and no worker can make one; no script was written.',
    {
      next: ['rollback up, then rollback export --sh'],
    },
  );
}
