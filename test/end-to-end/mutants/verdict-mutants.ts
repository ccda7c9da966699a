import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { allActivities } from '../../../activities/index.ts';
import type { Judged } from '../../../contract/rollback.ts';
import type { StepInput } from '../../../contract/step.ts';
import { unless } from '../../../lab/docker.ts';
import type { Lab } from '../../../lab/lab.ts';
import { type ChecklistItemId, checklistIds } from '../../../runbook/checklist.ts';
import { judge } from '../../../runbook/judge.ts';
import { loadTarget } from '../../../target/load.ts';
import type { RollbackLayout } from '../../../vault/layout.ts';
import { realWorld } from '../../../workers/real-world.ts';
import { type Practice, withPractice } from '../support/practice.ts';

/**
 * Mutants of the verdict: after a finished rollback the world is spoiled in one way after the other, and the judgement
 * is given anew. An item that were always "pass" shows where a spoiled world would be judged better than it is.
 */
interface Spoiler {
  readonly what: string;
  /** @returns how to mend it */
  spoil(practice: Practice): Promise<() => Promise<unknown>>;
}

const spoilers: readonly Spoiler[] = [
  fileSpoiler('a tracked file outside the data is edited', ({ repository }) => join(repository, 'README.md')),
  fileSpoiler('data that were put back are edited', ({ paths }) => join(paths.agent, 'notes', 'two words.md')),
  fileSpoiler('a data root outside the repository is corrupt', ({ paths }) => join(paths.gemini, 'settings.json')),
  fileSpoiler('a lock of an agent is torn', ({ paths }) => join(paths.agent, 'sessions', 'planner.lock.json')),
  fileSpoiler('a file of the safety copy is damaged', (_, { safetyDir }) => someFileIn(safetyDir)),
  {
    what: 'the stable system is stopped',
    async spoil({ lab }) {
      await lab.breakIt('stable-stopped');
      const { stable } = await lab.containers();
      return () => lab.docker.getContainer(stable?.id ?? 'none').start();
    },
  },
  // That it ran again is remembered for good: it comes after those that shall decide a verdict alone.
  {
    what: 'somebody starts a container of the experiment',
    async spoil({ lab }) {
      const { cache } = await lab.containers();
      const container = lab.docker.getContainer(cache?.id ?? 'none');
      await container.start();
      return () => unless([304], container.stop({ t: 2 }));
    },
  },
  { what: 'documents are rewritten', spoil: ({ lab }) => lab.breakIt('wrong-answers').then(() => unmended) },
  { what: 'two skills are gone', spoil: ({ lab }) => lab.breakIt('missing-skills').then(() => unmended) },
  { what: 'the image is swapped under its tag', spoil: ({ lab }) => lab.breakIt('bad-image').then(() => unmended) },
];

/** Items that no spoiler reaches alone or at all, with the reason why that is no hole. */
const survivors: Readonly<Partial<Record<ChecklistItemId, string>>> = {};

it('an item of the verdict that always passes is caught, whichever it is', async () => {
  await withPractice({}, async (practice) => {
    await practice.lab.breakIt('half-migration');
    await practice.rollback('start', '--scenario', 'data-corruption', '--reason', 'half a migration', '--yes');
    const caught = new Map<ChecklistItemId, string[]>();
    for (const spoiler of spoilers) {
      const mend = await spoiler.spoil(practice);
      const judged = await judgeNow(practice);
      for (const id of checklistIds) {
        const line = shownBy(id, judged);
        if (line !== undefined) caught.set(id, [...(caught.get(id) ?? []), `${spoiler.what}: ${line}`]);
      }
      await mend();
    }
    const alive: string[] = [];
    for (const id of checklistIds) {
      const found = [...(caught.get(id) ?? [])].sort(
        (a, b) => Number(b.includes('verdict')) - Number(a.includes('verdict')),
      );
      tell(`${id}: ${found[0] ?? 'SURVIVES'}`);
      if (found.length === 0 && survivors[id] === undefined) alive.push(id);
    }
    tell(`${checklistIds.length} items, survivors: ${alive.join(', ') || 'none'}`);
    expect(alive).toEqual([]);
  });
});

/** What would be judged otherwise if this item passed; undefined when it does pass. */
function shownBy(id: ChecklistItemId, judged: Judged): string | undefined {
  const item = judged.items.find((one) => one.id === id);
  if (item === undefined || item.status === 'pass' || item.status === 'not-applicable') return undefined;
  const open = judged.items.filter(({ status }) => status !== 'pass' && status !== 'not-applicable');
  const measured = Object.fromEntries(
    judged.items.map((one) => [one.id, { status: one.id === id ? 'pass' : one.status, measured: one.measured }]),
  ) as Parameters<typeof judge>[0]['measured'];
  const exceptions = judged.reasons.slice(open.length);
  const mutant = judge({ measured, exceptions, checkpointRecorded: true, outOfScope: {} });
  const better =
    mutant.verdict === judged.verdict ? 'its own line' : `verdict ${judged.verdict}, not ${mutant.verdict}`;
  return `${item.status}; ${better}`;
}

async function judgeNow({ lab, environment, files, journal }: Practice): Promise<Judged> {
  const { hash: targetHash } = await loadTarget(lab.targetFile);
  const { judgeWorld } = allActivities(realWorld(lab.stateDir, 'test server', { ...process.env, ...lab.env }));
  const input: StepInput = {
    environment,
    rollbackId: files().rollbackId,
    epoch: journal().at(-1)?.epoch ?? 0,
    key: `judgement.judgeWorld:${randomUUID()}`,
    schedule: 1,
    targetHash,
    plans: {},
    mode: 'full',
    options: {},
  };
  return new MockActivityEnvironment().run(judgeWorld, input);
}

function fileSpoiler(what: string, pathIn: (lab: Lab, files: RollbackLayout) => string): Spoiler {
  return {
    what,
    async spoil({ lab, files }) {
      const path = pathIn(lab, files());
      const before = await readFile(path);
      await appendFile(path, '{ "torn": ');
      return () => writeFile(path, before);
    },
  };
}

function someFileIn(folder: string): string {
  const file = readdirSync(folder, { recursive: true, withFileTypes: true }).find(
    (entry) => entry.isFile() && entry.parentPath.includes('agent') && entry.name.endsWith('.json'),
  );
  if (file === undefined) throw new Error(`There is no file of the data in ${folder}.`);
  return join(file.parentPath, file.name);
}

/** The last ones: what they leave does not hide the next. */
function unmended(): Promise<void> {
  return Promise.resolve();
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
