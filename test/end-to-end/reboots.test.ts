import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import type { Unit } from '../../client/service-units.ts';
import { chat } from '../../lab/ask.ts';
import { queries, rightAnswer } from '../../lab/content.ts';
import { signal } from '../../lab/engine-processes.ts';
import type { Lab } from '../../lab/lab.ts';
import { createPrivateEngine } from '../../lab/private-engine.ts';
import { openObligations, readJournal } from '../../vault/journal.ts';
import { fenceVariable, processStart } from '../../vault/processes.ts';
import { serverPlaces, workerPlaces } from '../../workers/places.ts';
import { pollUntil } from '../support/poll.ts';
import { expectRestored } from './support/expect-restored.ts';
import { type Practice, withPractice } from './support/practice.ts';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

it('goes on by itself after a reboot, from what its units start, and meets what it owes', async () => {
  const engine = await createPrivateEngine();
  try {
    const { dockerHost, subnet } = engine;
    await withPractice({ dockerHost, subnet }, async (practice) => {
      const { lab } = practice;
      await lab.breakIt('half-migration');
      const units = await unitsOf(practice);
      // The checkpoint was made by processes that no unit started.
      await practice.rollback('down');
      await boot(practice, units);
      const begun = await practice.rollback(
        ...['start', '--scenario', 'data-corruption', '--reason', 'half a migration', '--yes', '--detach'],
      );
      expect(begun.code, begun.text).toBe(0);
      await practice.journalHas('the stable system to be stopped for its data', (record) => {
        return record.kind === 'close' && record.step.startsWith('dataRecovery.stopDataUsers');
      });
      expect(owed(practice)).toContain('stable-serves');

      const dead = await powerCut(practice);
      await engine.powerOff();
      expect(dead.filter((pid) => processStart(pid) !== undefined)).toEqual([]);
      await engine.start();
      await boot(practice, units);

      const ended = await practice.rollback('watch');
      expectRestored(practice, ended);
      expect(owed(practice)).toEqual([]);
      expect((await chat(lab.ports.stable, queries.complex)).body).toEqual(rightAnswer(queries.complex));
      for (const role of ['stable', 'store'] as const) {
        expect(await endOf(lab, role)).toEqual({ state: 'running', policy: 'unless-stopped' });
      }
      expect(await endOf(lab, 'experiment')).toEqual({ state: 'exited', policy: 'no' });
    });
  } finally {
    await engine.remove();
  }
}, 900_000);

async function unitsOf(practice: Practice): Promise<readonly Unit[]> {
  const { code, text, json } = await practice.rollback('service', '--print', '--json');
  expect(code, text).toBe(0);
  return (json as { readonly units: readonly Unit[] }).units;
}

/** What systemd does at boot: each unit's command line, in each unit's environment and no other. */
async function boot(practice: Practice, units: readonly Unit[]): Promise<void> {
  for (const { text } of units) {
    const [command = '', ...args] = valuesOf(text, 'ExecStart').flatMap(words);
    const environment = valuesOf(text, 'Environment').flatMap(words).map(assignment);
    const child = spawn(command, args, {
      // The mark is the test's: whatever happens, what was started here ends with the practice system.
      env: { ...Object.fromEntries(environment), [fenceVariable]: practice.lab.env[fenceVariable] ?? '' },
      stdio: 'ignore',
      cwd: '/',
    });
    started.push(child);
  }
  await pollUntil(
    'server and worker to be up',
    () => pidsOf(practice),
    (pids) => pids.length === 2,
  );
}

/** Everything of ours dies in the same moment. @returns who died */
async function powerCut(practice: Practice): Promise<readonly number[]> {
  const doomed = [...started.splice(0).flatMap(({ pid }) => pid ?? []), ...pidsOf(practice)];
  for (const pid of doomed) signal(pid, 'SIGKILL');
  await pollUntil(
    'all of ours to be dead',
    () => doomed.filter((pid) => processStart(pid) !== undefined),
    (living) => living.length === 0,
  );
  return doomed;
}

/** Server and worker, as far as they live. */
function pidsOf({ lab, environment }: Practice): readonly number[] {
  return [serverPlaces(lab.stateDir).info, workerPlaces(lab.stateDir, environment).info].flatMap((file) => {
    try {
      const { pid, pidStart } = JSON.parse(readFileSync(file, 'utf8')) as {
        readonly pid: number;
        readonly pidStart: string;
      };
      return processStart(pid) === pidStart ? [pid] : [];
    } catch {
      // Not written yet.
      return [];
    }
  });
}

function owed(practice: Practice): readonly string[] {
  return openObligations(readJournal(practice.files().journal).records).map(({ id }) => id);
}

async function endOf({ docker, containers }: Lab, role: 'stable' | 'store' | 'experiment') {
  const { State, HostConfig } = await docker.getContainer((await containers())[role]?.id ?? 'none').inspect();
  return { state: State.Status, policy: HostConfig.RestartPolicy?.Name };
}

/** All values of a setting of a unit (systemd.syntax(7)). */
function valuesOf(text: string, name: string): readonly string[] {
  return text.split('\n').flatMap((line) => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []));
}

/** Words of a value: quotes taken off, `%%` and `$$` read as systemd reads them. */
function words(value: string): readonly string[] {
  return [...value.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) =>
    (quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '').replaceAll('%%', '%').replaceAll('$$', '$'),
  );
}

function assignment(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}
