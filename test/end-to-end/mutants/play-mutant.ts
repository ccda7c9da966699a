import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { allActivities } from '../../../activities/index.ts';
import type { RollbackActivities } from '../../../contract/activities.ts';
import { makeRollbackId } from '../../../contract/ids.ts';
import type { Lab } from '../../../lab/lab.ts';
import type { StepName } from '../../../runbook/steps.ts';
import { loadTarget } from '../../../target/load.ts';
import { lockPlaces } from '../../../vault/lock.ts';
import { realWorld } from '../../../workers/real-world.ts';
import { pollUntil } from '../../support/poll.ts';
import { type RollbackRun, withRollback } from '../../support/rollback-run.ts';
import { scriptedActs } from '../../support/scripted-acts.ts';
import { lookAfter, lookBefore, rootsOf, type Witness } from '../kill-sweep/witness.ts';
import { contentOf } from '../support/content.ts';
import { withPractice } from '../support/practice.ts';
import type { MutantScene } from './scenes.ts';

/** What is there after a rollback: in the world, in its folder, and in the mouth of its verdict. */
export interface After {
  readonly verdict: string;
  /** What it had to ask, since a step could not be carried out. */
  readonly asked: readonly string[];
  readonly world: Witness;
  /** Files that were kept, and whether there is anything in them. */
  readonly kept: readonly string[];
  /** Whether the environment is still held. */
  readonly held: boolean;
}

/** Plays a scene by a worker of this process, in which one act only says that it was done. */
export async function playMutant(scene: MutantScene, emptied: StepName | null): Promise<After> {
  let after: After | undefined;
  await withPractice({ until: 'stable' }, async (practice) => {
    const { lab, environment } = practice;
    const known = contentOf(await rootsOf(lab));
    await lab.experimentUp();
    await scene.prepare(lab);
    await lab.breakIt(scene.fault);
    const before = await lookBefore(practice, known);
    const { target, hash: targetHash } = await loadTarget(lab.targetFile);
    const rollbackId = makeRollbackId(environment, Date.now(), 'mute');
    const acts = { ...scriptedActs(), activities: actsWithout(emptied, lab) };
    const request = { environment, rollbackId, scenario: scene.scenario, target, targetHash, attended: false };
    const { verdict, asked } = await withRollback(acts, request, async (run) => {
      const meanwhile = scene.meanwhile(practice).catch((error: unknown) => error);
      const ended = await toItsEnd(run);
      await meanwhile;
      return ended;
    });
    after = {
      verdict,
      asked,
      world: await lookAfter(practice, before),
      kept: await keptIn(practice.files().dir, lab),
      held: isHeld(lab),
    };
  });
  if (after === undefined) throw new Error('The scene was not played.');
  return after;
}

function actsWithout(emptied: StepName | null, lab: Lab): RollbackActivities {
  const real = allActivities(realWorld(lab.stateDir, 'test server', { ...process.env, ...lab.env }));
  return emptied === null ? real : { ...real, [emptied]: scriptedActs().activities[emptied] };
}

/** Nobody is there to answer: a question is told and given up. */
async function toItsEnd(run: RollbackRun): Promise<Pick<After, 'verdict' | 'asked'>> {
  const asked: string[] = [];
  let over = false;
  const ended = run.result().finally(() => {
    over = true;
  });
  const answering = (async () => {
    while (!over) {
      const board = await pollUntil(
        'a question or the end',
        async () => (over ? undefined : await run.board()),
        (seen) => over || (seen?.question != null && !asked.includes(seen.question.text)),
        240_000,
      );
      if (over || board?.question == null) return;
      asked.push(board.question.text);
      const options = board.question.options.map(({ name }) => name);
      await run.answer(options.includes('give-up') ? 'give-up' : (options.at(-1) ?? 'none'), board.question.id);
    }
  })();
  try {
    const [{ verdict }] = await Promise.all([ended, answering]);
    return { verdict, asked };
  } catch (error) {
    return { verdict: `none: ${error instanceof Error ? error.message : String(error)}`, asked };
  }
}

/** Names without what differs from lab to lab. */
async function keptIn(folder: string, lab: Lab): Promise<readonly string[]> {
  const roles = Object.entries(await lab.containers());
  const plain = (name: string) =>
    roles
      .reduce((text, [role, { id }]) => text.replaceAll(id, role).replaceAll(id.slice(0, 12), role), name)
      .replaceAll(lab.id, '<lab>')
      .replace(/\b([0-9a-f]{8}|[0-9a-f]{12,64})\b/g, '<id>')
      .replace(/\d{8}t\d{6}z/g, '<time>');
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${plain(relative(folder, path))}${statSync(path).size === 0 ? ' (empty)' : ''}`);
  return [...new Set(all)].sort();
}

/** Whether a host-wide lock names this lab's state folder. */
function isHeld(lab: Lab): boolean {
  return lockPlaces
    .filter((place) => existsSync(place))
    .flatMap((place) => readdirSync(place).map((name) => join(place, name)))
    .some((path) => readFileSync(path, 'utf8').includes(lab.stateDir));
}
