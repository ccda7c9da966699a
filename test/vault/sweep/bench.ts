import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Call, callsIn } from './calls.ts';
import { orderFaults } from './durable-order.ts';
import { type Swept, sameAs, swept, untouchedOf } from './operations.ts';
import { type Picture, pictureOf } from './picture.ts';
import { type Places, rollbackId } from './places.ts';
import { type Program, runProgram, runTraced } from './strace.ts';
import { copyWorld, damageCopy, makeWorld } from './world.ts';

/** Everything that the points of one operation have in common, made once. */
export interface Bench {
  readonly operation: string;
  readonly swept: Swept;
  /** `children/operate.js`. */
  readonly program: string;
  readonly folder: string;
  readonly template: string;
  readonly before: { readonly all: Picture; readonly untouched: readonly Picture[] };
  /** How an unbroken run ends. */
  readonly end: Picture;
  readonly calls: readonly Call[];
  /** What is wrong with the unbroken run itself; empty when nothing is. */
  readonly faults: readonly string[];
}

/** Runs an operation once without a fault, counts its calls, and judges their order and their result. */
export async function makeBench(folder: string, operation: string, program: string, size: number): Promise<Bench> {
  const known = swept[operation];
  if (known === undefined) throw new TypeError(`The sweep knows no operation ${operation}.`);
  mkdirSync(folder, { recursive: true });
  const template = join(folder, 'template');
  const places = await makeWorld(template, size);
  if (operation === 'restore-damaged') damageCopy(places);
  const before = { all: pictureOf(template), untouched: untouchedOf(places, known) };

  const unbroken = copyWorld(template, join(folder, 'unbroken'));
  const run = await runTraced(programOf(program, operation, unbroken, 1), join(folder, 'trace'));
  const calls = callsIn(run.trace, unbroken.root);
  const end = known.end(unbroken);
  const faults = [
    ...sameOutcome('the unbroken run', run.ended[0]?.outcome, known.again === 'refused' ? 'refused' : 'done'),
    ...(known.truth === undefined ? [] : sameAs('its end', known.truth(unbroken), end)),
    ...orderFaults(calls, groundsOf(unbroken), { ends: known.again !== 'refused' }),
    ...(await resumeFaults({ operation, swept: known, program, before, end }, unbroken, 'after the unbroken run')),
  ];
  rmSync(unbroken.root, { recursive: true });
  return { operation, swept: known, program, folder, template, before, end, calls, faults };
}

type Resumed = Pick<Bench, 'operation' | 'swept' | 'program' | 'before' | 'end'>;

/** A second attempt finishes the work, a third finds nothing to do, and the end is that of an unbroken run. */
export async function resumeFaults(bench: Resumed, places: Places, when: string): Promise<string[]> {
  const { again } = bench.swept;
  const run = await runProgram(programOf(bench.program, bench.operation, places, 2, 2));
  const [first, second] = run.ended;
  return [
    ...sameOutcome(`${when}, the resume`, first?.outcome, again === 'refused' ? 'refused' : 'done', again),
    ...sameOutcome(`${when}, a further run`, second?.outcome, again),
    ...(run.stderr === '' ? [] : [`${when}, the resume says: ${run.stderr}`]),
    ...stateFaults(bench, places, when),
    ...sameAs(`${when}, its end`, bench.end, bench.swept.end(places)),
    ...leftovers(places, { attempts: bench.swept.leavesAttempts === true, temps: true }).map(
      (path) => `${when}, ${path} was left behind`,
    ),
  ];
}

/** No byte is lost, and nothing changed that is in no plan. */
export function stateFaults(bench: Pick<Bench, 'before' | 'swept'>, places: Places, when: string): string[] {
  const now = pictureOf(places.root).contents;
  const lost = [...bench.before.all.contents].filter((content) => !now.has(content));
  return [
    ...lost.map((content) => `${when}, the content ${content} is gone`),
    ...untouchedOf(places, bench.swept).flatMap((picture, index) =>
      sameAs(`${when}, what must not change`, bench.before.untouched[index] ?? picture, picture),
    ),
  ];
}

/** What an attempt makes for itself alone. */
export function leftovers(
  { root }: Places,
  allowed: { readonly attempts: boolean; readonly temps: boolean },
): string[] {
  return [...pictureOf(root).entries.keys()].filter((path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (name.startsWith('.tmp-')) return !allowed.temps && !path.includes('/attempt-');
    return name.startsWith('.partial-') || (name.startsWith('attempt-') && !allowed.attempts);
  });
}

/** An attempt of the step, under the epoch that the environment is at. */
export function programOf(program: string, operation: string, { root }: Places, attempt: number, runs = 1): Program {
  return { file: program, order: { operation, folder: root, attempt, runs } };
}

function groundsOf({ agent, aside, layout, locks }: Places) {
  return { target: agent, kept: aside, journal: layout.rollback(rollbackId).journal, volatile: locks };
}

function sameOutcome(what: string, is: string | undefined, ...allowed: readonly string[]): string[] {
  return is !== undefined && allowed.includes(is)
    ? []
    : [`${what} ended ${is ?? 'without a word'}, not ${allowed.join(' or ')}`];
}
