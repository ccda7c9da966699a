import { type PartialDeclared, whyNotPossible } from './decide-partial.ts';
import { fullScenarioOf, isPartial, type Scenario } from './scenarios.ts';

/** What a person can choose while a rollback runs; `full` is the whole of what is a part now. */
export const scopeNames = ['full', 'api-issues', 'performance-only', 'data-migration', 'emergency'] as const;

export type ScopeName = (typeof scopeNames)[number];

/** What is known of a rollback when somebody chooses. */
export interface ScopeState {
  readonly scenario: Scenario;
  readonly emergency: boolean;
  /** Keys of the steps that are through. */
  readonly done: readonly string[];
  readonly partial: PartialDeclared;
}

export type ScopeDecision =
  | {
      readonly accepted: true;
      readonly scenario: Scenario;
      readonly text: string;
      readonly difference: readonly string[];
    }
  | { readonly accepted: false; readonly text: string };

/**
 * Whether a rollback can become another one, and what would be different (narrower or wider). Asked twice: when somebody
 * chooses, and at the safe point, since the step at work may have done what makes the choice pointless. Pure.
 */
export function decideScope(state: ScopeState, wanted: ScopeName | Scenario): ScopeDecision {
  const scenario = wanted === 'full' ? fullScenarioOf(state.scenario) : wanted;
  if (state.emergency) return refuse('The emergency path goes on to its end; its scope is not changed.');
  if (scenario === state.scenario) return refuse(`It is a rollback for ${scenario} already; nothing changes.`);
  const why = whyNotPossible(scenario, state.partial);
  if (why !== null) return refuse(`Not possible: ${why}.`);
  if (isPartial(scenario) && !isPartial(state.scenario)) {
    const late = whyTooLate(state);
    if (late !== null) return refuse(late);
  }
  const difference = differenceOf(state, scenario);
  const text = `From the next safe point on a rollback for ${scenario}: ${difference.join('; ')}.`;
  return { accepted: true, scenario, text, difference };
}

/** What a whole rollback has taken back the experiment cannot go on from. */
function whyTooLate({ done }: ScopeState): string | null {
  if (has(done, 'returnToCheckpoint')) {
    return 'The repository is back at the checkpoint: the experiment cannot go on from it. Go on, or cancel and undo.';
  }
  if (has(done, 'restoreData')) {
    return 'Data were put back for a whole rollback already; a part of it would leave that unproven. Go on, or cancel.';
  }
  return null;
}

/** Shown before anything changes. */
function differenceOf({ scenario: from, done }: ScopeState, to: Scenario): readonly string[] {
  const stopped = has(done, 'stopExperiment') || has(done, 'containExperiment');
  const stays = [
    ...(isPartial(from) && has(done, 'limitExperiment') ? ['limits stay until the experiment is released'] : []),
    ...(isPartial(from) && has(done, 'switchTraffic') ? ['the traffic stays switched away'] : []),
    ...(isPartial(from) && has(done, 'restoreData') ? ['data that were put back stay'] : []),
    ...(isPartial(from) ? [] : ['evidence that was taken stays']),
  ];
  const experiment = isPartial(to)
    ? stopped
      ? ['the experiment is started again and goes on']
      : ['the experiment goes on']
    : ['the experiment is contained and stopped'];
  return [...experiment, ...(to === 'emergency' ? ['nobody is asked any more'] : [aims[to]]), ...stays];
}

const aims: Readonly<Record<Exclude<Scenario, 'emergency'>, string>> = {
  'service-disruption': 'repository and images return to the checkpoint, data only when corrupt',
  'performance-issues': 'repository and images return to the checkpoint, data only when corrupt',
  'data-corruption': 'repository and images return to the checkpoint, data as the plan says, after a question',
  'api-issues': 'only its traffic is switched away',
  'performance-only': 'it is only limited, and watched',
  'data-migration': 'only the data of the migration go back',
};

function has(done: readonly string[], step: string): boolean {
  return done.some((key) => new RegExp(`\\.${step}(:|$)`).test(key));
}

function refuse(text: string): ScopeDecision {
  return { accepted: false, text };
}
