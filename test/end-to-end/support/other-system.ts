import { lchownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type Docker from 'dockerode';
import { execa } from 'execa';
import { ensureBaseImage } from '../../../lab/base-image.ts';
import { removeLab } from '../../../lab/clean-up.ts';
import { type ComposeChoice, findCompose } from '../../../lab/compose-command.ts';
import { labDocker } from '../../../lab/docker.ts';
import { buildImage } from '../../../lab/lab-images.ts';
import { childMarker, labLabel, newLabId } from '../../../lab/names.ts';
import { labPaths, labsRoot } from '../../../lab/paths.ts';
import { freePort } from '../../../lab/ports.ts';
import { type LabEntry, listEntries, makerOf, writeEntry } from '../../../lab/registry.ts';
import { until } from '../../../lab/until.ts';
import { fenceVariable } from '../../../vault/processes.ts';
import { type EngineEvents, listen } from './engine-events.ts';
import { type Operator, operatorOf } from './operator.ts';
import {
  account,
  type BookKeeping,
  otherTarget,
  release,
  releaseFiles,
  stableFile,
  trialCompose,
  trialFile,
  trialProgram,
} from './other-system-files.ts';
import { makeCheckpoint } from './practice.ts';

/** Another system than the runbook's, made on the spot, with the `rollback` command and the engine as witness. */
export interface OtherSystem extends Operator, BookKeeping {
  readonly docker: Docker;
  readonly events: EngineEvents;
  readonly checkpointCommit: string;
  /** Git as the repository's owner: as anybody else it would refuse, or leave files that the owner cannot write. */
  git(...args: readonly string[]): Promise<string>;
  /** Writes a file as the owner would. */
  write(path: string, text: string): void;
  /** Id of the container of a compose service; undefined when there is none. */
  idOf(service: string): Promise<string | undefined>;
  /** What the system says of an account. */
  balance(name: string): Promise<unknown>;
}

export interface OtherOptions {
  readonly compose: ComposeChoice;
  /** false: only the git tag is known. */
  readonly checkpoint?: boolean;
  /** The trial is a single container without a compose file. */
  readonly byHandOnly?: boolean;
}

/** Only root can have a repository that belongs to somebody else; anybody else tests with one of their own. */
const owner =
  process.getuid?.() === 0
    ? { uid: 12345, gid: 12345 }
    : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/** Makes the system up to the running trial, hands it over, and takes all of it away again, as any lab. */
export async function withOtherSystem(
  options: OtherOptions,
  use: (system: OtherSystem) => Promise<void>,
): Promise<void> {
  const entry = await newEntry(options.compose);
  writeEntry(entry);
  const docker = labDocker(entry.dockerHost ?? undefined);
  const events = await listen(docker);
  try {
    await use(await make(entry, { ...options, docker, events }));
  } finally {
    events.close();
    await removeLab(entry);
  }
}

async function make(
  entry: LabEntry,
  options: OtherOptions & { readonly docker: Docker; readonly events: EngineEvents },
): Promise<OtherSystem> {
  const { docker, events } = options;
  const books = bookKeepingOf(entry);
  await buildImages(docker, books);
  writeRelease(books, entry);
  for (const args of [
    ['init', '-q', '-b', 'trunk'],
    ['add', '.'],
    ['commit', '-q', '-m', 'Seventh release'],
    ['tag', release],
  ])
    await git(books, ...args);
  const targetFile = join(entry.folder, 'rollback.yaml');
  writeFileSync(targetFile, otherTarget(books, { byHandOnly: options.byHandOnly === true }));

  const compose = await findCompose(entry.compose);
  const env = {
    ...(entry.dockerHost === null ? {} : { DOCKER_HOST: entry.dockerHost }),
    ROLLBACK_STATE_DIR: labPaths(entry.folder, books.project).state,
    ROLLBACK_COMPOSE: compose.rollbackCompose,
    [fenceVariable]: childMarker(entry.id),
  };
  const up = (file: string) =>
    execa(compose.file, [...compose.args, '-p', books.project, '-f', file, 'up', '-d'], {
      cwd: books.repository,
      env: { ...env, COMPOSE_PROJECT_NAME: undefined },
      stdin: 'ignore',
      timeout: 120_000,
    });
  const system: OtherSystem = {
    ...books,
    ...operatorOf({
      environment: `lab-${entry.id}`,
      targetFile,
      folder: entry.folder,
      stateDir: env.ROLLBACK_STATE_DIR,
      env,
    }),
    docker,
    events,
    checkpointCommit: await git(books, 'rev-parse', 'HEAD'),
    git: (...args) => git(books, ...args),
    write: (path, text) => writeOwned(path, text),
    idOf: (service) => idOf(docker, books, service),
    balance: (name) => balance(books, name),
  };
  await up(stableFile);
  await until('the books to be ready', async () => {
    const answer = await fetch(`http://127.0.0.1:${books.port}/ready`, { signal: AbortSignal.timeout(2_000) });
    return answer.ok ? true : undefined;
  });
  if (options.checkpoint !== false) await makeCheckpoint(system);
  await beginTrial(system, options, up);
  return system;
}

/** Commits, changes and containers after the checkpoint. */
async function beginTrial(
  system: OtherSystem,
  { byHandOnly }: OtherOptions,
  up: (file: string) => Promise<unknown>,
): Promise<void> {
  const { repository } = system;
  await system.git('checkout', '-q', '-b', 'trial');
  if (!byHandOnly) system.write(join(repository, trialFile), trialCompose(system));
  system.write(join(repository, 'notes.md'), '# Book-keeping\n\nThe office opens at nine. The trial runs.\n');
  await system.git('add', '.');
  await system.git('commit', '-q', '-m', 'A trial');
  system.write(join(repository, 'notes.md'), 'Not committed: ask Robin.\n');
  system.write(join(repository, 'my settings.local'), 'ignored by git\n');
  system.write(join(repository, 'list of to do.txt'), 'untracked\n');
  if (!byHandOnly) await up(trialFile);
  const container = await system.docker.createContainer({
    name: system.desk,
    Image: system.trialImage,
    Cmd: ['node', '-e', trialProgram],
    Labels: { ...system.labels },
    HostConfig: { NetworkMode: `${system.project}_office`, RestartPolicy: { Name: 'always' } },
  });
  await container.start();
}

async function newEntry(choice: ComposeChoice): Promise<LabEntry> {
  const id = newLabId();
  const taken = new Set(listEntries().flatMap(({ ports }) => [ports.stable, ports.experiment]));
  const stable = await freePort(taken);
  return {
    format: 1,
    id,
    style: 'suffixed',
    folder: join(labsRoot(), id),
    keep: false,
    ...makerOf(),
    ports: { stable, experiment: await freePort(new Set([...taken, stable])), router: 0 },
    compose: choice,
    dockerHost: process.env['DOCKER_HOST'] ?? null,
    subnet: null,
    createdAt: new Date().toISOString(),
    images: null,
    checkpointCommit: null,
  };
}

function bookKeepingOf({ id, folder, ports }: LabEntry): BookKeeping {
  const repository = join(folder, 'books');
  const project = `books-${id}`;
  return {
    id,
    project,
    image: `lab/${project}:seven`,
    trialImage: `lab/${project}:trial`,
    desk: `reading-desk-${id}`,
    repository,
    records: join(repository, 'var', 'records'),
    letters: join(folder, 'letters'),
    volume: `${project}_ledger`,
    port: ports.stable,
    owner,
    // Whatever carries it goes with the lab, also after a crash.
    labels: { [labLabel]: id },
  };
}

async function buildImages(docker: Docker, { id, image, trialImage }: BookKeeping): Promise<void> {
  const base = await ensureBaseImage(docker);
  for (const tag of [image, trialImage]) {
    await buildImage(docker, tag, [`FROM ${base}`, `LABEL ${labLabel}=${id}`, `LABEL made.as=${tag}`, ''].join('\n'));
  }
}

/** Everything below the folders belongs to their owner, who is not the one who rolls back. */
function writeRelease(books: BookKeeping, entry: LabEntry): void {
  mkdirSync(entry.folder, { recursive: true });
  mkdirSync(labPaths(entry.folder, books.project).state);
  for (const [path, text] of Object.entries(releaseFiles(books))) {
    mkdirSync(dirname(join(books.repository, path)), { recursive: true });
    writeFileSync(join(books.repository, path), text);
  }
  mkdirSync(join(books.records, 'open'));
  writeFileSync(join(books.records, 'open', 'draft.json'), account('draft', 0));
  mkdirSync(books.letters);
  for (const name of ['alice 1.txt', 'alice 2.txt', 'bob 1.txt']) {
    writeFileSync(join(books.letters, name), `Dear ${name}\n`);
  }
  for (const folder of [books.repository, books.letters]) giveToOwner(folder);
}

function giveToOwner(folder: string): void {
  lchownSync(folder, owner.uid, owner.gid);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) giveToOwner(path);
    else lchownSync(path, owner.uid, owner.gid);
  }
}

function writeOwned(path: string, text: string): void {
  writeFileSync(path, text);
  lchownSync(path, owner.uid, owner.gid);
}

async function git({ repository }: BookKeeping, ...args: readonly string[]): Promise<string> {
  const who = { NAME: 'Robin', EMAIL: 'robin@localhost' };
  const { stdout } = await execa('git', ['-c', 'core.hooksPath=/dev/null', ...args], {
    cwd: repository,
    ...owner,
    env: {
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      ...Object.fromEntries(
        ['AUTHOR', 'COMMITTER'].flatMap((role) =>
          Object.entries(who).map(([key, value]) => [`GIT_${role}_${key}`, value]),
        ),
      ),
    },
    stdin: 'ignore',
  });
  return stdout.trim();
}

async function idOf(docker: Docker, { project }: BookKeeping, service: string): Promise<string | undefined> {
  const label = [`com.docker.compose.project=${project}`, `com.docker.compose.service=${service}`];
  const [found, ...others] = await docker.listContainers({ all: true, filters: { label } });
  if (others.length > 0) throw new Error(`${others.length + 1} containers of ${service}`);
  return found?.Id;
}

async function balance({ port }: BookKeeping, name: string): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}/balance/${name}`, { signal: AbortSignal.timeout(3_000) });
  return answer.json();
}
