import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { resolveEndpoint } from '../../activities/adapters/endpoint.ts';
import { allActivities } from '../../activities/index.ts';
import { identityOf } from '../../activities/kernel/identity.ts';
import { lockKeyOf } from '../../activities/preparation/take-environment.ts';
import { git } from '../../lab/git.ts';
import { findTemporalCli } from '../../setup/find-temporal.mjs';
import { loadTarget } from '../../target/load.ts';
import { findHolder, releaseLock } from '../../vault/lock.ts';
import { realWorld } from '../../workers/real-world.ts';
import { gate, type ScriptedActs, scriptedActs } from '../support/scripted-acts.ts';
import { quietRuntime } from '../support/workflow-bundle.ts';
import { type Account, withAccount } from './support/account.ts';
import { built, type Desk, main, withDesk } from './support/command.ts';

beforeAll(quietRuntime);
beforeAll(built, 300_000);

const reason = 'the answers are wrong since noon';
const start = ['start', '--scenario', 'service-disruption', '--reason', reason] as const;

it.runIf(userInfo().uid === 0)(
  'refuses a second operator of another account, environment, server and state folder, who, since when and why first',
  async () => {
    await withDesk(async (desk) => {
      const repository = await systemAt(desk);
      const world = realWorld(desk.stateRoot, 'the first server', process.env);
      const key = lockKeyOf(await identityOf(world), loadTarget(desk.targetFile).target);
      const { acts, held } = firstOperator(desk);
      await withAccount(async (account) => {
        const stranger = strangerOf(desk, account, repository);
        let rollbackId = '';
        try {
          await desk.withWorker(acts, async () => {
            const first = await desk.rollback(...start, '--detach', '--json');
            expect(first.code, first.stderr).toBe(0);
            ({ rollbackId } = JSON.parse(first.stdout) as { rollbackId: string });
            await held.reached;
            const since = findHolder(key)?.holder.since ?? 'nobody holds it';
            const told = [rollbackId, `${userInfo().username}@${hostname()}`, since, reason, desk.stateRoot];

            // Without tools and rights of its own: what is missing comes second.
            const bare = await stranger.run({}, 'start', '-s', 'data-corruption', '-r', 'me too');
            expectHeld(bare, told);
            expect(bare.stderr).toMatch(/Besides, here: .*\n.*Temporal CLI/);
            expect(existsSync(join(stranger.stateRoot, 'server', 'server.json'))).toBe(false);

            // With all tools, by its own server, although a stray address is set: the same lock.
            const equipped = { TEMPORAL_CLI_PATH: stranger.cli, TEMPORAL_ADDRESS: '127.0.0.1:9' };
            expectHeld(await stranger.run(equipped, 'emergency', '-r', 'me too', '--embedded'), told);
            expect(existsSync(join(stranger.stateRoot, 'server', 'server.json'))).toBe(true);

            const path = findHolder(key)?.path ?? '';
            expect((await account.run(['rm', '-f', path], { cwd: '/', env: {} })).code).not.toBe(0);
            held.open();
            expect((await desk.rollback('watch')).code).toBe(0);
          });
          expect(findHolder(key)).toBeUndefined();
          // Nobody holds it any more: what is missing is told for itself, where nothing of its own runs.
          const down = await stranger.run({}, 'down', '--force');
          expect(down.code, down.stderr).toBe(0);
          const alone = await stranger.run({}, 'start', '-s', 'data-corruption', '-r', 'me too', '--json');
          expect([alone.code, JSON.parse(alone.stdout)]).toMatchObject([6, { error: { kind: 'missing' } }]);
        } finally {
          releaseLock(key, rollbackId);
          await stranger.run({}, 'down', '--force');
        }
      });
    });
  },
  300_000,
);

it('says at once that nobody polls at a stray TEMPORAL_ADDRESS, and what to do', async () => {
  await withDesk(async (desk) => {
    await systemAt(desk);
    // A developer's server has not even the namespace.
    const ended = await desk.rollbackWith({ TEMPORAL_NAMESPACE: undefined }, ...start, '--json');
    expect(ended.code, ended.stderr).toBe(7);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { kind: 'no-worker' } });
    expect(ended.stderr).toMatch(/nothing was started[\s\S]*rollback up[\s\S]*TEMPORAL_ADDRESS[\s\S]*--embedded/);
    expect(existsSync(desk.stateRoot)).toBe(false);
  });
});

function expectHeld(ended: { readonly code: number; readonly stderr: string }, told: readonly string[]): void {
  expect(ended.code, ended.stderr).toBe(5);
  const text = ended.stderr.replaceAll(/\s+/g, ' ');
  for (const part of told) expect(text).toContain(part);
}

/** A target of a real repository and of a compose project that nobody has. */
async function systemAt(desk: Desk): Promise<string> {
  const repository = join(desk.folder, 'repository');
  mkdirSync(repository);
  writeFileSync(join(repository, 'docker-compose.yml'), 'services: {}\n');
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '.'],
    ['commit', '-q', '-m', 'known good'],
    ['tag', 'known-good'],
  ])
    await git(repository, ...args);
  writeFileSync(desk.targetFile, targetText(desk.environment, repository));
  return repository;
}

function targetText(environment: string, repository: string): string {
  return stringify({
    version: 1,
    environment,
    runbook: { document: 'runbook.md', version: '1' },
    repository: { path: repository, checkpoint: 'known-good' },
    compose: { project: `nobody-has-${repository.split('/').at(-2)?.toLowerCase()}` },
    stable: { composeFiles: ['docker-compose.yml'], services: ['stable'], primary: 'stable' },
    experiment: { composeFiles: ['docker-compose.trial.yml'], services: ['trial'] },
    data: [{ kind: 'path', name: 'data', path: 'data' }],
    health: { url: 'http://127.0.0.1:9/health' },
    contacts: [{ level: 1, name: 'Nobody', reach: ['nobody@example.com'] }],
  });
}

/** Takes and gives back the environment as the real worker does; what lies between is scripted. */
function firstOperator(desk: Desk): { readonly acts: ScriptedActs; readonly held: ReturnType<typeof gate> } {
  const { openRollback, closeRollback } = allActivities(realWorld(desk.stateRoot, 'the first server', process.env));
  const scripted = scriptedActs();
  const held = gate();
  scripted.script('captureLiveLogs', held.answer);
  return { acts: { ...scripted, activities: { ...scripted.activities, openRollback, closeRollback } }, held };
}

/** The same stack under another name, with a state folder of its own, typed by the other account. */
function strangerOf(desk: Desk, account: Account, repository: string) {
  // Whether a file may be run is asked for the account alone, whatever it was granted beside.
  chmodSync(desk.folder, 0o755);
  const folder = account.folder(join(desk.folder, account.name));
  const cli = join(folder, 'temporal');
  writeFileSync(cli, `#!/bin/sh\nexec '${findTemporalCli().path}' "$@"\n`, { mode: 0o755 });
  const stateRoot = join(folder, 'state');
  const targetFile = join(folder, 'rollback.yaml');
  writeFileSync(targetFile, targetText('somebody-elses-name', repository));
  const { socketPath } = resolveEndpoint(process.env);
  return {
    cli,
    stateRoot,
    run: (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
      account.run([process.execPath, main, ...args, '--target', targetFile], {
        cwd: folder,
        groups: [statSync(socketPath).gid],
        env: { PATH: process.env['PATH'] ?? '', HOME: folder, CI: 'true', ROLLBACK_STATE_DIR: stateRoot, ...env },
      }),
  };
}
