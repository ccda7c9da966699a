import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, leftovers, programOf, resumeFaults, stateFaults } from './bench.ts';
import { shapeOf } from './calls.ts';
import { notesOf, sameAs, unitFaults } from './operations.ts';
import { pictureOf } from './picture.ts';
import { checkpointId, type Places } from './places.ts';
import { injectionOf, type Point } from './points.ts';
import { type ProgramRun, runTraced } from './strace.ts';
import { copyWorld } from './world.ts';

let tried = 0;

/**
 * Breaks off an operation, or lets one call of it fail, at one point; looks at what is there; resumes; looks again.
 * @returns what is not as it must be, each with the point; empty when all is well
 */
export async function tryPoint(point: Point): Promise<string[]> {
  const { bench, fault, call } = point;
  const faults = (await tryOnce(point)) ?? (await tryOnce(point)) ?? [`the fault never met ${call.text}`];
  return faults.map((text) => `${bench.operation}, ${fault} at ${call.name} ${call.when}: ${text}`);
}

/** @returns undefined when the fault met another call */
async function tryOnce(point: Point): Promise<string[] | undefined> {
  const { bench } = point;
  tried += 1;
  const root = join(bench.folder, `world-${tried}`);
  const places = copyWorld(bench.template, root);
  try {
    const program = programOf(bench.program, bench.operation, places, 1);
    const run = await runTraced(program, `${root}.trace`, injectionOf(point));
    if (!hasMet(point, run, root)) return undefined;
    return [
      ...stateFaults(bench, places, 'after the fault'),
      ...wholeFaults(bench, places),
      ...endedFaults(point, places, run),
      ...(await resumeFaults(bench, places, 'afterwards')),
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The fault must have met the call that it was for: a sweep that misses would prove nothing. */
function hasMet({ fault, call }: Point, run: ProgramRun, root: string): boolean {
  const lines = run.trace.split('\n');
  const killed = fault === 'kill';
  if (killed !== (run.signal === 'SIGKILL')) return false;
  const hit = killed
    ? lines.findLast((line) => line.startsWith(`${call.name}(`))
    : lines.find((line) => line.includes('(INJECTED)'));
  return hit !== undefined && shapeOf(hit, root) === call.shape;
}

/** At every moment each file of the data is whole: as it was, or as the checkpoint has it. */
export function wholeFaults(bench: Bench, places: Places): string[] {
  if (!bench.swept.restores) return [];
  const allowed = new Set([
    ...bench.before.all.contents,
    ...pictureOf(places.layout.checkpoint(checkpointId).dataDir('agent')).contents,
  ]);
  const torn = [...pictureOf(places.agent).contents].filter((content) => !allowed.has(content));
  return [...torn.map((content) => `a file of the data is torn: ${content}`), ...unitFaults(places)];
}

/** What the program said must be true, and a failed attempt leaves nothing half-done on a disk that may be full. */
function endedFaults({ bench, fault, call }: Point, places: Places, run: ProgramRun): string[] {
  const notes = [...notesOf(places).contents].map((text) => text.replace(/^\d+ /, ''));
  const unwritten = run.acknowledged.filter((text) => !notes.includes(text)).map((text) => `${text} is not written`);
  if (fault === 'kill') return unwritten;
  const outcome = run.ended[0]?.outcome;
  if (outcome === undefined) return [...unwritten, `it ended without a word: ${run.stderr}`];
  const said = outcome === 'done' ? sameAs('it said done, but', bench.end, bench.swept.end(places)) : [];
  // Where the clean-up's own call is what fails, it is told and left to the next attempt.
  const cleansUp = ['unlink', 'open', 'read'].includes(call.group);
  const left = cleansUp ? [] : leftovers(places, { attempts: false, temps: false });
  return [...unwritten, ...said, ...left.map((path) => `it failed and left ${path}`)];
}
