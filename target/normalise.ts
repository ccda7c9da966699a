import { dirname, isAbsolute, join, resolve } from 'node:path';
import { partialOf } from './normalise-partial.ts';
import type { TargetFile } from './schema.ts';

/** Where the paths of a target file start. */
export interface Places {
  /** Folder of the target file. */
  readonly fileDir: string;
  /** Home of a path's owner, by absolute path: `~` is the home of the repository's owner (design §4.7). */
  homeOf(path: string): string;
}

/** Absolute paths, milliseconds, one form for what can be written in several. Pure but for `homeOf`. */
export function normalise(file: TargetFile, places: Places) {
  const repository = resolve(
    places.fileDir,
    untilde(file.repository.path, () => places.homeOf(places.fileDir)),
  );
  const absolute = (path: string): string =>
    resolve(
      repository,
      untilde(path, () => places.homeOf(repository)),
    );
  const { health, scripts, evidence, performance } = file;
  return {
    version: file.version,
    environment: file.environment,
    runbook: file.runbook,
    repository: { ...file.repository, path: repository },
    compose: {
      project: file.compose.project,
      directory:
        file.compose.directory === undefined ? composeDirectory(file, absolute) : absolute(file.compose.directory),
    },
    stable: stackOf(file.stable, absolute),
    experiment: stackOf(file.experiment, absolute),
    data: file.data.map((root) => rootOf(root, absolute)),
    evidence: { ...evidence, files: evidence.files.map(absolute), results: evidence.results.map(absolute) },
    health: {
      ...withoutTimes(health),
      timeoutMs: health.timeout,
      soak: { answers: health.soak.answers, overMs: health.soak.over },
      deadlineMs: health.deadline,
    },
    checks: file.checks.map(({ timeout, ...check }) => ({ ...check, timeoutMs: timeout })),
    skills: file.skills ?? null,
    scripts: {
      agentStatus: scriptOf(scripts.agentStatus, { repository, absolute }),
      performanceTest: scriptOf(scripts.performanceTest, { repository, absolute }),
      monitor: scriptOf(scripts.monitor, { repository, absolute }),
      skills: scriptOf(scripts.skills, { repository, absolute }),
    },
    agents: file.agents,
    performance: {
      ...performance,
      floor: {
        responseTimeMs: performance.floor.responseTimeMs,
        memoryBytes: performance.floor.memory,
        cpuPercent: performance.floor.cpuPercent,
      },
      logErrors: { pattern: performance.logErrors.pattern, windowMs: performance.logErrors.window },
    },
    timeTargets: {
      emergency: timesOf(file.timeTargets.emergency),
      'service-disruption': timesOf(file.timeTargets['service-disruption']),
      'performance-issues': timesOf(file.timeTargets['performance-issues']),
      'data-corruption': timesOf(file.timeTargets['data-corruption']),
    },
    emergency: file.emergency,
    partial: partialOf(file.partial, absolute),
    questions: { deadlineMs: file.questions.deadline },
    notices: noticesOf(file.notices),
    contacts: file.contacts
      .map(({ acknowledge, businessHours, ...contact }) => ({
        ...contact,
        acknowledgeMs: acknowledge,
        businessHours: businessHours ?? null,
      }))
      .sort((a, b) => a.level - b.level),
  } as const;
}

function noticesOf({ channels, stakeholders, deadMan }: TargetFile['notices']) {
  return {
    channels: channels.map(({ timeout, ...channel }) => ({ ...channel, timeoutMs: timeout })),
    stakeholders,
    deadMan: deadMan === undefined ? null : { url: deadMan.url, everyMs: deadMan.every },
  };
}

function untilde(path: string, home: () => string): string {
  return path === '~' || path.startsWith('~/') ? join(home(), path.slice(1)) : path;
}

function stackOf<S extends Pick<TargetFile['stable'], 'composeFiles' | 'envFiles'>>(
  stack: S,
  absolute: (path: string) => string,
): S {
  return { ...stack, composeFiles: stack.composeFiles.map(absolute), envFiles: stack.envFiles.map(absolute) };
}

/** As compose itself has it: paths in compose files start at the folder of the first one. */
function composeDirectory({ stable }: TargetFile, absolute: (path: string) => string): string {
  return dirname(absolute(stable.composeFiles[0] ?? '.'));
}

type RawRoot = TargetFile['data'][number];

function rootOf(root: RawRoot, absolute: (path: string) => string) {
  const checks = root.checks.map((check) =>
    check.kind === 'command'
      ? { kind: check.kind, command: check.command, timeoutMs: check.timeout }
      : { kind: check.kind, files: check.files },
  );
  switch (root.kind) {
    case 'path':
      return { ...root, checks, path: absolute(root.path) };
    case 'volume':
      return { ...root, checks };
    case 'dump': {
      const { dump, load, verify, ...rest } = root;
      const timed = (command: typeof dump) => ({ command: command.command, timeoutMs: command.timeout });
      return {
        ...rest,
        checks,
        dump: timed(dump),
        load: timed(load),
        ...(verify === undefined ? {} : { verify: timed(verify) }),
      };
    }
  }
}

function withoutTimes({ timeout: _timeout, deadline: _deadline, soak: _soak, ...probe }: TargetFile['health']) {
  return probe;
}

function scriptOf(
  script: TargetFile['scripts']['monitor'],
  { repository, absolute }: { readonly repository: string; readonly absolute: (path: string) => string },
) {
  if (script === undefined) return undefined;
  const cwd = script.cwd === undefined ? repository : absolute(script.cwd);
  const [first = '', ...rest] = script.command;
  // A word with a slash is a file; one without is looked for on the PATH.
  const program = first.includes('/') && !isAbsolute(first) ? resolve(cwd, first) : first;
  return { command: [program, ...rest], cwd, environment: script.environment, timeoutMs: script.timeout };
}

function timesOf({ target, maximum }: { readonly target: number; readonly maximum: number }) {
  return { targetMs: target, maximumMs: maximum };
}
