import type { Command } from 'commander';
import { Option } from 'commander';
import type { ForecastContainer, PlanForecast } from '../../contract/observe.ts';
import { formatDuration } from '../../runbook/duration.ts';
import type { Scenario } from '../../runbook/scenarios.ts';
import { scenarios } from '../../runbook/scenarios.ts';
import type { Call } from '../command.ts';
import { placeOptions } from '../command.ts';
import type { ExitName } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderDiscards } from '../render-board.ts';
import type { RequestOptions } from '../request-options.ts';
import { choiceOptions, choicesOf } from '../request-options.ts';
import type { Style } from '../style.ts';
import { clip, oneLine, wrap } from '../text.ts';

export const usage = `Shows what a rollback would do now: which containers it would contain, what it would put back and why, what it would
discard and keep. Changes nothing. It is a forecast: the plan that counts is made on stopped data.

"rollback start --plan <hash>" agrees beforehand to exactly the recovery plan that is shown here.`;

export function options(command: Command): void {
  command
    .addOption(
      new Option('-s, --scenario <name>', 'what kind of incident it is').choices([...scenarios]).makeOptionMandatory(),
    )
    .option('--security', 'as with start --security');
  choiceOptions(command);
  placeOptions(command);
}

interface PlanOptions extends RequestOptions {
  readonly scenario: Scenario;
}

export async function run({ command, out }: Call): Promise<ExitName> {
  const given = command.opts<PlanOptions>();
  const { loadTargetFrom } = await import('../load-target.ts');
  const loaded = await loadTargetFrom(given);
  const choices = choicesOf(
    given,
    loaded.target.data.map(({ name }) => name),
  );
  const { withSession } = await import('../session.ts');
  const { requireWorker } = await import('../pollers.ts');
  const { observe } = await import('../observe.ts');
  const forecast = await withSession({ place: loaded, options: given, out, bringUp: true }, async (session) => {
    await requireWorker(session.connected, loaded);
    return observe(session, {
      kind: 'plan',
      environment: loaded.environment,
      target: loaded.target,
      targetHash: loaded.hash,
      scenario: given.scenario,
      security: given.security === true,
      choices,
    });
  });
  const exit: ExitName = forecast.refusals.length > 0 ? 'refused' : 'ok';
  out.lines(render(forecast, given.scenario, out.style));
  out.result({
    environment: loaded.environment,
    scenario: given.scenario,
    ...forecast,
    exitCode: exitCodes[exit].code,
  });
  return exit;
}

/** Containment, data, steps, what is discarded, times. */
export function render(forecast: PlanForecast, scenario: Scenario, style: Style): readonly string[] {
  const { recovery, experiment, stable, decisions, refusals } = forecast;
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', style.bold(title), ...lines];
  return [
    style.bold(`Forecast of a rollback (${scenario}); nothing was changed`),
    ...section(
      `Experiment: ${experiment.count} containers, contained at once`,
      containers(experiment.containers, style),
    ),
    ...section(`Stable system: ${stable.count} containers`, containers(stable.containers, style)),
    ...section(
      'Data',
      decisions.flatMap(({ root, action, reasons }) =>
        wrap(`- ${root}: ${action}: ${reasons.join('; ')}`, style.width, '  '),
      ),
    ),
    ...section(
      `Recovery plan ${recovery.hash.slice(0, 12)}`,
      recovery.steps.map((step) => {
        const mark = step.destroys ? style.yellow('changes') : 'safe   ';
        return `  ${mark}  ${clip(oneLine(`${step.title}: ${step.reason}`), style.width - 12)}`;
      }),
    ),
    ...section('', renderDiscards(recovery.discards, style)).slice(recovery.discards.length === 0 ? 0 : 2),
    ...section(
      'Will be asked',
      recovery.questions.flatMap(({ root, why }) => wrap(`- ${root}: ${why}`, style.width, '  ')),
    ),
    ...section(
      'Would be refused',
      refusals.flatMap((refusal) => wrap(style.red(`- ${refusal}`), style.width, '  ')),
    ),
    '',
    timesOf(forecast, style),
    `Full hash, for "rollback start --plan": ${recovery.hash}`,
  ];
}

function containers(list: readonly ForecastContainer[], style: Style): readonly string[] {
  return list.map(
    ({ name, state, why, fate }) => `  - ${clip(oneLine(`${name} (${state}; ${why}): ${fate}`), style.width - 4)}`,
  );
}

function timesOf({ worstCaseMs, targetMs, maximumMs }: PlanForecast, style: Style): string {
  const limits = `target ${formatDuration(targetMs)}, maximum ${formatDuration(maximumMs)}`;
  const text = `If every step used up all its time and tries: ${formatDuration(worstCaseMs)} (${limits})`;
  if (worstCaseMs <= maximumMs) return text;
  return style.yellow(`${text}: ${formatDuration(worstCaseMs - maximumMs)} over the maximum`);
}
