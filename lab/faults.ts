import type { Scenario } from '../runbook/scenarios.ts';
import {
  changedData,
  corruptHome,
  corruptPath,
  corruptVolume,
  halfMigration,
  missingSkills,
  wrongAnswers,
} from './faults/data.ts';
import { crashLoop, experimentReturns, greedyExperiment, poisonedCache } from './faults/experiment.ts';
import { badImage, stableMissing, stablePaused, stableStopped } from './faults/stable.ts';
import type { Lab } from './lab.ts';

/** One way to break a lab. */
export interface FaultRow {
  /** What happens, for the people who watch. */
  readonly what: string;
  /** What is not as it was: the experiment, the data that both systems share, or the stable system itself. */
  readonly hits: 'experiment' | 'data' | 'stable';
  /** Scenario of the runbook for which one would call. */
  readonly scenario: Scenario;
  readonly apply: (lab: Lab) => Promise<void>;
}

const row = (
  hits: FaultRow['hits'],
  scenario: FaultRow['scenario'],
  what: string,
  apply: FaultRow['apply'],
): FaultRow => ({ what, hits, scenario, apply });

/** Every fault returns when its effect can be seen. */
export const faults = {
  'crash-loop': row(
    'experiment',
    'service-disruption',
    'The experiment ends at each start and is started again.',
    crashLoop,
  ),
  'poisoned-cache': row(
    'experiment',
    'service-disruption',
    'The experiment gives wrong answers with status 200.',
    poisonedCache,
  ),
  'experiment-returns': row(
    'experiment',
    'service-disruption',
    'Somebody starts the stopped experiment again.',
    experimentReturns,
  ),
  'greedy-experiment': row(
    'experiment',
    'performance-only',
    'The experiment asks so much of the store that everybody waits.',
    greedyExperiment,
  ),
  'missing-skills': row('data', 'data-corruption', 'Two skills are gone; health stays good.', missingSkills),
  'wrong-answers': row(
    'data',
    'data-corruption',
    'Rewritten documents: status 200 with wrong JSON, every file parses.',
    wrongAnswers,
  ),
  'changed-data': row(
    'data',
    'service-disruption',
    'A day of normal work since the checkpoint. No fault.',
    changedData,
  ),
  'corrupt-path': row(
    'data',
    'data-corruption',
    'A torn and an emptied file in .agent; the stable system is unhealthy.',
    corruptPath,
  ),
  'corrupt-home': row('data', 'data-corruption', 'Garbage in the data root outside the repository.', corruptHome),
  'corrupt-volume': row('data', 'data-corruption', 'A document on the volume is cut in the middle.', corruptVolume),
  'half-migration': row(
    'data',
    'data-corruption',
    'The migration of the skills died in the middle, backups beside.',
    halfMigration,
  ),
  'bad-image': row(
    'stable',
    'emergency',
    'A bad build under the good tag: healthy, status 200, JSON of another shape.',
    badImage,
  ),
  'stable-missing': row('stable', 'service-disruption', 'The stable container was removed.', stableMissing),
  'stable-paused': row('stable', 'service-disruption', 'The stable container is paused.', stablePaused),
  'stable-stopped': row('stable', 'service-disruption', 'The stable container was stopped.', stableStopped),
} as const satisfies Record<string, FaultRow>;

export type Fault = keyof typeof faults;

export function isFault(name: string): name is Fault {
  return Object.hasOwn(faults, name);
}
