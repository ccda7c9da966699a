import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type Docker from 'dockerode';
import { execa, type Result } from 'execa';
import { fenceVariable } from '../vault/processes.ts';
import { writeAgentData, writeGeminiData } from './agent-data.ts';
import { addDocument, ask } from './ask.ts';
import { startByHand } from './by-hand.ts';
import { removeLab, sweepLabs } from './clean-up.ts';
import { type ComposeChoice, type ComposeCommand, findCompose } from './compose-command.ts';
import { type LabContainers, labContainers } from './containers.ts';
import { documents } from './content.ts';
import { labDocker } from './docker.ts';
import { type Fault, faults } from './faults.ts';
import { buildLabImages, stableRecipe } from './lab-images.ts';
import {
  childMarker,
  experimentFile,
  experimentProfile,
  type LabNames,
  labNames,
  type NameStyle,
  newLabId,
  stableFile,
} from './names.ts';
import { type LabPaths, labPaths, labsRoot } from './paths.ts';
import { freePort, isFree } from './ports.ts';
import { type LabEntry, listEntries, makerOf, readEntry, writeEntry } from './registry.ts';
import { commitCheckpoint, writeExperimentProject, writeStableProject } from './repository.ts';
import { targetFor } from './target-of.ts';
import { until } from './until.ts';

export interface LabOptions {
  readonly id?: string;
  /** Folder in which the lab makes its own; default: a folder of the system's temporary one. */
  readonly root?: string;
  readonly names?: NameStyle;
  readonly composeCommand?: ComposeChoice | 'auto';
  readonly dockerHost?: string;
  /** Addresses of its network; by default the engine chooses them. */
  readonly subnet?: string;
  /** Further files in `.agent`, for tests of size. */
  readonly size?: { readonly files: number };
  /** `stable`: as at the time of the checkpoint. Then `stableUp` has been called; `nothing` calls neither. */
  readonly until?: 'nothing' | 'stable' | 'experiment';
  /** The lab outlives this process; only `destroy` takes it away. */
  readonly keep?: boolean;
  /** Hears what is being done, one line each. */
  readonly onProgress?: (line: string) => void;
}

export type Stack = 'stable' | 'experiment';

/** A practice environment in real containers. */
export interface Lab {
  readonly id: string;
  readonly names: LabNames;
  readonly project: string;
  readonly paths: LabPaths;
  readonly folder: string;
  readonly repository: string;
  readonly stateDir: string;
  /** The `rollback.yaml` of this lab. */
  readonly targetFile: string;
  readonly ports: { readonly stable: number; readonly experiment: number; readonly router: number };
  readonly compose: ComposeCommand;
  readonly docker: Docker;
  /** What the `rollback` command needs in its environment to work on this lab. */
  readonly env: Readonly<Record<string, string>>;
  entry(): LabEntry;
  containers(): Promise<LabContainers>;
  /** Runs compose as an operator would, in the repository's folder. Rejects when it ends with another code than 0. */
  composeRun(stack: Stack, argv: readonly string[]): Promise<Result>;
  stableUp(): Promise<void>;
  experimentUp(): Promise<void>;
  breakIt(fault: Fault): Promise<void>;
  destroy(): Promise<void>;
}

/**
 * Makes a lab. Labs of dead makers are removed first, and this one again when its making fails.
 * @throws Error when the runbook's names or port are taken, or no compose or Docker is there
 */
export async function createLab(options: LabOptions = {}): Promise<Lab> {
  const say = options.onProgress ?? (() => undefined);
  await sweepAndTell(say);
  const entry = await newEntry(options);
  writeEntry(entry);
  try {
    const lab = await openLab(entry.id, say);
    await furnish(lab, options.size ?? { files: 0 }, say);
    const moment = options.until ?? 'experiment';
    if (moment !== 'nothing') await lab.stableUp();
    if (moment === 'experiment') await lab.experimentUp();
    return lab;
  } catch (error) {
    await removeLab(entry).catch((failure: unknown) => {
      throw new AggregateError([error, failure], `Lab ${entry.id} could be neither made nor removed: ${String(error)}`);
    });
    throw error;
  }
}

/** A lab that was made earlier, perhaps by another process. @throws Error when there is none of that id */
export async function openLab(id: string, say: (line: string) => void = () => undefined): Promise<Lab> {
  const entry = readEntry(id);
  if (entry === undefined) throw new Error(`There is no lab ${id}.`);
  const names = labNames(id, entry.style);
  const paths = labPaths(entry.folder, names.project);
  const docker = labDocker(entry.dockerHost ?? undefined);
  const compose = await findCompose(entry.compose);
  const dockerEnv: Record<string, string> = entry.dockerHost === null ? {} : { DOCKER_HOST: entry.dockerHost };
  const current = () => readEntry(id) ?? entry;
  const composeRun: Lab['composeRun'] = (stack, argv) => {
    const files = stack === 'stable' ? ['-f', stableFile] : ['-f', experimentFile, '--profile', experimentProfile];
    return execa(compose.file, [...compose.args, ...files, ...argv], {
      cwd: paths.repository,
      env: { ...dockerEnv, COMPOSE_PROJECT_NAME: undefined, [fenceVariable]: childMarker(id) },
      stdin: 'ignore',
      timeout: 180_000,
    });
  };
  const lab: Lab = {
    id,
    names,
    project: names.project,
    paths,
    folder: entry.folder,
    repository: paths.repository,
    stateDir: paths.state,
    targetFile: paths.target,
    ports: entry.ports,
    compose,
    docker,
    env: {
      ...dockerEnv,
      ROLLBACK_STATE_DIR: paths.state,
      ROLLBACK_COMPOSE: compose.rollbackCompose,
      // Whatever is started with it ends with the lab, daemons as well.
      [fenceVariable]: childMarker(id),
    },
    entry: current,
    containers: () => labContainers(docker, names),
    composeRun,
    stableUp: async () => {
      say('start the stable system');
      await composeRun('stable', ['up', '-d']);
      await healthy(entry.ports.stable, 'the stable system');
      say('fill its store');
      for (const document of documents) await addDocument(entry.ports.stable, document);
      await execa(join(paths.repository, 'scripts', 'performance-test.sh'), ['--record'], {
        env: { NODE: process.execPath },
      });
    },
    experimentUp: async () => {
      say('commit the experiment');
      await writeExperimentProject({ names, paths, ports: entry.ports, subnet: entry.subnet });
      say('start the experiment');
      await composeRun('experiment', ['up', '-d']);
      await startByHand(docker, names, paths);
      await healthy(entry.ports.experiment, 'the experiment');
    },
    breakIt: (fault) => faults[fault].apply(lab),
    destroy: () => removeLab(current()),
  };
  return lab;
}

/** Images, folders, data, repository and target file: all that is there before the first container. */
async function furnish(lab: Lab, size: { readonly files: number }, say: (line: string) => void): Promise<void> {
  say('build the images');
  const images = await buildLabImages(lab.docker, lab.names);
  say('write data and repository');
  for (const folder of [lab.paths.repository, lab.paths.state, lab.paths.results])
    await mkdir(folder, { recursive: true });
  await writeFile(join(lab.paths.results, 'comparison.json'), `${JSON.stringify({ smp: 0.93, openviking: 0.61 })}\n`);
  await writeGeminiData(lab.paths);
  await writeStableProject({ ...lab, subnet: lab.entry().subnet, dockerfile: stableRecipe(images.base, lab.names) });
  await writeAgentData(lab.paths, size);
  const checkpointCommit = await commitCheckpoint(lab.repository);
  writeEntry({ ...lab.entry(), images, checkpointCommit });
  await writeFile(lab.targetFile, targetFor(lab));
}

/** A lab that cannot be removed, of a daemon that is gone perhaps, is no reason not to make another. */
async function sweepAndTell(say: (line: string) => void): Promise<void> {
  const { removed, failures } = await sweepLabs();
  for (const id of removed) say(`removed lab ${id}, whose maker is gone`);
  for (const failure of failures) say(failure.message);
}

async function newEntry(options: LabOptions): Promise<LabEntry> {
  const id = options.id ?? newLabId();
  const style = options.names ?? 'suffixed';
  const names = labNames(id, style);
  if (readEntry(id) !== undefined) throw new Error(`There is a lab ${id} already.`);
  const dockerHost = options.dockerHost ?? process.env['DOCKER_HOST'] ?? null;
  await refuseTakenNames(labDocker(dockerHost ?? undefined), names);
  return {
    format: 1,
    id,
    style,
    folder: resolve(options.root ?? labsRoot(), id),
    keep: options.keep ?? false,
    ...makerOf(),
    ports: await choosePorts(style),
    compose: (await findCompose(options.composeCommand ?? 'auto')).choice,
    dockerHost,
    subnet: options.subnet ?? null,
    createdAt: new Date().toISOString(),
    images: null,
    checkpointCommit: null,
  };
}

async function refuseTakenNames(docker: Docker, names: LabNames): Promise<void> {
  const wanted = [names.stable, names.experiment, names.byHand];
  const all = await docker.listContainers({ all: true });
  const taken = wanted.filter((name) => all.some((container) => container.Names.includes(`/${name}`)));
  if (taken.length > 0) throw new Error(`Containers named ${taken.join(', ')} exist already and are not this lab's.`);
}

async function choosePorts(style: NameStyle): Promise<LabEntry['ports']> {
  const taken = new Set(
    listEntries().flatMap((entry) => [entry.ports.stable, entry.ports.experiment, entry.ports.router]),
  );
  if (style === 'runbook' && !(await isFree(9621))) throw new Error('Port 9621 is in use on this machine.');
  const stable = style === 'runbook' ? 9621 : await freePort(taken);
  const experiment = await freePort(new Set([...taken, stable]));
  return { stable, experiment, router: await freePort(new Set([...taken, stable, experiment])) };
}

async function healthy(port: number, what: string): Promise<void> {
  await until(`${what} to be healthy on port ${port}`, async () => {
    const reply = await ask(port, 'GET', '/health');
    if (reply.status !== 200) throw new Error(`status ${reply.status}: ${JSON.stringify(reply.body)}`);
    return true;
  });
}
