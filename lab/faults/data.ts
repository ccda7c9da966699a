import { appendFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addDocument, ask } from '../ask.ts';
import { laterDocument } from '../content.ts';
import { runInside } from '../exec.ts';
import type { Lab } from '../lab.ts';
import { until } from '../until.ts';

/** Faults of the data that both systems share, and the changes of normal life, which are none. */

/** The experiment "tidied up" two skills; the system is healthy and simply knows less. */
export async function missingSkills(lab: Lab): Promise<void> {
  for (const name of ['data-analysis', 'test-writer']) {
    await rm(join(lab.paths.agent, 'skills', name), { recursive: true });
  }
}

/**
 * A re-index that rewrote two documents: every file parses, health is good, status is 200. One answer says the
 * opposite, another has an object where the words should be.
 */
export async function wrongAnswers(lab: Lab): Promise<void> {
  const rewritten = {
    'self-test': "The system answers from somebody else's documents.",
    'deploy-rules': { chunks: ['A release goes out', 'and never comes back.'] },
  };
  await runInside(
    lab,
    'store',
    `const base = 'http://127.0.0.1:7000/documents';
     const { documents } = await (await fetch(base)).json();
     for (const [id, text] of Object.entries(${JSON.stringify(rewritten)})) {
       const before = documents.find((document) => document.id === id);
       const body = JSON.stringify({ ...before, text });
       const { status } = await fetch(base + '/' + id, { method: 'PUT', body });
       if (status !== 200) throw new Error('the store refused ' + id);
     }`,
  );
}

/** A day's work since the checkpoint, in every data root: legitimate, and not to be lost by a rollback. */
export async function changedData(lab: Lab): Promise<void> {
  const { agent, gemini } = lab.paths;
  await addDocument(lab.ports.stable, laterDocument);
  await writeJson(join(agent, 'sessions', 'writer.lock.json'), {
    agent: 'writer',
    holds: 'docs',
    since: '2026-02-02T10:15:00Z',
  });
  const decisions = join(agent, 'memory', 'decisions.json');
  await writeJson(decisions, { decisions: ['tags are never moved', 'backups are read, never consumed'] });
  await appendFile(join(agent, 'notes', 'two words.md'), 'Added after the checkpoint.\n');
  await writeJson(join(gemini, 'history', '2026-02-02.json'), { day: '2026-02-02', turns: [{ asked: 'holidays' }] });
}

/** A torn memory and an emptied manual, as a full disk leaves them. */
export async function corruptPath(lab: Lab): Promise<void> {
  const memory = join(lab.paths.agent, 'memory', 'vocabulary.json');
  await truncate(memory, Math.floor((await readFile(memory)).length / 2));
  await truncate(join(lab.paths.agent, 'skills', 'code-review', 'SKILL.md'), 0);
  await unhealthy(lab, 'memories');
}

/** The same outside the repository, where git sees nothing. */
export async function corruptHome(lab: Lab): Promise<void> {
  await writeFile(join(lab.paths.gemini, 'settings.json'), '{"persona": {"name": "SMP", "sig\0\0\0\0');
  await unhealthy(lab, 'persona');
}

/** A document on the volume is cut in the middle: the store cannot read its data any more. */
export async function corruptVolume(lab: Lab): Promise<void> {
  await runInside(
    lab,
    'store',
    `import { statSync, truncateSync } from 'node:fs';
     const file = '/data/documents/deploy-rules.json';
     truncateSync(file, Math.floor(statSync(file).size / 2));`,
  );
  await unhealthy(lab, 'documents');
}

/** The experiment's migration dies at the third skill: two are in its format, one is torn, backups lie beside them. */
export async function halfMigration(lab: Lab): Promise<void> {
  const { status, body } = await ask(lab.ports.experiment, 'POST', '/api/migrate', { stopAfter: 2 });
  if (status !== 200) throw new Error(`The experiment did not migrate: ${status} ${JSON.stringify(body)}`);
  await unhealthy(lab, 'skills');
}

/** Waits until the stable system complains of that part of its data. */
async function unhealthy(lab: Lab, part: string): Promise<void> {
  await until(`the stable system to complain of its ${part}`, async () => {
    const { status, body } = await ask(lab.ports.stable, 'GET', '/health');
    return status === 503 && JSON.stringify(body).includes(`"${part}: `) ? true : undefined;
  });
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
