import {
  dataRecoveryOpening,
  documentationSteps,
  emergencyClosing,
  emergencyOpening,
  immediateResponseSteps,
  systemValidationSteps,
} from '../../../runbook/phases.ts';
import { type StepName, steps } from '../../../runbook/steps.ts';

/** One change of the sources that a rollback under way could not go on with. */
export interface ReplayMutant {
  readonly kind: 'swap' | 'rename' | 'addition';
  readonly what: string;
  /** Relative to the project's folder. */
  readonly file: string;
  /** @throws Error when the source has nothing of the kind any more */
  change(source: string): string;
}

const lists = {
  immediateResponseSteps,
  dataRecoveryOpening,
  systemValidationSteps,
  documentationSteps,
  emergencyOpening,
  emergencyClosing,
} as const satisfies Record<string, readonly StepName[]>;

type ListName = keyof typeof lists;

const phasesFile = 'runbook/phases.ts';
const listNames = Object.keys(lists) as ListName[];

/** Each two neighbours of each phase, in the other order. */
export const swaps: readonly ReplayMutant[] = listNames.flatMap((list) =>
  lists[list].slice(1).map((second, index) => swap(list, lists[list][index] ?? second, second)),
);

/** Each activity under another name. */
export const renames: readonly ReplayMutant[] = (Object.keys(steps) as StepName[]).map(rename);

/** One step more at the beginning of each phase, and one timer more in the parent: none behind `patched`. */
export const additions: readonly ReplayMutant[] = [
  ...listNames.map(addition),
  {
    kind: 'addition',
    what: 'a timer before the environment is taken',
    file: 'workflows/rollback.ts',
    change: (source) =>
      replaceOnce(source, '  await prepare(story);', '  await condition(() => false, 5);\n  await prepare(story);'),
  },
];

export function swap(list: ListName, first: StepName, second: StepName): ReplayMutant {
  return {
    kind: 'swap',
    what: `${first} and ${second} of ${list}`,
    file: phasesFile,
    change: (source) => {
      const entries = new RegExp(`'${first}',(\\s+)'${second}'`);
      return inList(source, list, (text) => replaceOnce(text, entries, `'${second}',$1'${first}'`));
    },
  };
}

export function rename(step: StepName): ReplayMutant {
  return {
    kind: 'rename',
    what: step,
    file: 'workflows/run-step.ts',
    change: (source) =>
      replaceOnce(
        source,
        'acts[call.step] as unknown',
        `acts[(call.step === '${step}' ? 'renamed' : call.step) as N] as unknown`,
      ),
  };
}

function addition(list: ListName): ReplayMutant {
  return {
    kind: 'addition',
    what: `scanLogs at the beginning of ${list}`,
    file: phasesFile,
    change: (source) => inList(source, list, (text) => replaceOnce(text, '[', "['scanLogs', ")),
  };
}

/** Changes the text of one list alone: the same steps stand in others too. */
function inList(source: string, list: ListName, change: (text: string) => string): string {
  const found = new RegExp(`export const ${list} = \\[[^\\]]*\\]`).exec(source);
  if (found === null) throw new Error(`${phasesFile} has no list ${list}`);
  return source.slice(0, found.index) + change(found[0]) + source.slice(found.index + found[0].length);
}

function replaceOnce(source: string, what: string | RegExp, instead: string): string {
  const changed = source.replace(what, instead);
  if (changed === source) throw new Error(`There is no ${what} to be changed`);
  return changed;
}
