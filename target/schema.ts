import { z } from 'zod';
import { rollbackScenarios } from '../runbook/scenarios.ts';
import { timeTargets } from '../runbook/time-targets.ts';
import { check, health, limitFloor, timeTarget } from './checks.ts';
import { dataRoot } from './data-root.ts';
import type { normalise } from './normalise.ts';
import { contact, notices, questionTimes } from './notices.ts';
import { partial } from './partial.ts';
import {
  argv,
  composeName,
  durationOr,
  environmentId,
  gitRef,
  glob,
  name,
  path,
  pattern,
  share,
  size,
} from './values.ts';

const files = z.array(path).default([]).readonly();
const services = z.array(composeName).min(1, 'at least one service').readonly();

const asComposeGetsThem = 'As compose gets them; relative to the repository.';

const stack = {
  envFiles: files,
  profiles: z.array(composeName).default([]).readonly(),
};

const script = z.strictObject({
  command: argv.describe('Run without a shell; a relative first word is a file of the repository.'),
  timeout: durationOr('60s'),
  cwd: path.optional().describe('The repository, if not given.'),
  environment: z.record(z.string(), z.string()).default({}),
});

const times = z
  .strictObject(
    Object.fromEntries(
      rollbackScenarios.map((scenario) => [scenario, timeTarget.prefault(timeTargets[scenario])]),
    ) as Record<(typeof rollbackScenarios)[number], z.ZodPrefault<typeof timeTarget>>,
  )
  .prefault({});

/**
 * `rollback.yaml` as people write it. Strict: an unknown key is a fault. What identifies something must be written;
 * limits, times and policies have the runbook's values.
 */
export const targetFile = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(1),
  environment: environmentId.describe('Name of this environment in ids, queues and folders.'),
  runbook: z.strictObject({ document: z.string().min(1), version: z.string().min(1) }),
  repository: z.strictObject({
    path: path.describe('Folder of the git repository; relative to this file, or ~/…'),
    checkpoint: gitRef.describe('Tag or commit of the known-good state.'),
    allowFilters: z
      .array(z.string())
      .default([])
      .readonly()
      .describe('Filters (such as lfs) that files of the checkpoint may pass through.'),
  }),
  compose: z.strictObject({
    project: composeName.describe('Compose project of both systems.'),
    directory: path
      .optional()
      .describe("Folder that paths in the compose files start from, if not the first file's own, as compose has it."),
  }),
  stable: z.strictObject({
    composeFiles: z.array(path).min(1, 'at least one compose file').readonly().describe(asComposeGetsThem),
    ...stack,
    services,
    primary: composeName.describe('The service whose answers, memory and CPU stand for the system.'),
  }),
  experiment: z.strictObject({
    composeFiles: files.describe(`${asComposeGetsThem} None, if all its containers were started by hand.`),
    ...stack,
    services: z
      .array(composeName)
      .default([])
      .readonly()
      .describe('Services of the experiment, those under profiles as well.'),
    containers: z.array(composeName).default([]).readonly().describe('Containers that stand in no compose file.'),
  }),
  data: z.array(dataRoot).min(1, 'at least one data root').readonly(),
  evidence: z
    .strictObject({
      containers: z.array(composeName).default([]).readonly().describe('Further containers whose logs are kept.'),
      files: files.describe('Files and folders of this host.'),
      containerPaths: z
        .array(z.strictObject({ container: composeName, path }))
        .default([])
        .readonly(),
      volumePaths: z
        .array(z.strictObject({ volume: composeName, path }))
        .default([])
        .readonly(),
      results: files.describe('Folders with results of the experiment: archived, never changed.'),
      limits: z
        .strictObject({
          logBytesPerContainer: size.prefault('256MiB'),
          logBytesTotal: size.prefault('2GiB'),
          fileBytes: size.prefault('1GiB'),
        })
        .prefault({}),
    })
    .prefault({}),
  health,
  checks: z.array(check).default([]).readonly(),
  skills: z
    .strictObject({
      check: name.describe('The check whose answer lists the skills.'),
      names: z.string().regex(/^(\/[^/]+)+$/, 'a pointer such as /skills/*/name'),
      expected: z.union([z.literal('from-checkpoint'), z.array(z.string().min(1)).min(1).readonly()]),
    })
    .optional(),
  scripts: z
    .strictObject({
      agentStatus: script.optional(),
      performanceTest: script.optional(),
      monitor: script.optional(),
      skills: script.optional(),
    })
    .prefault({}),
  agents: z
    .strictObject({ lockFiles: z.array(glob).default([]).readonly() })
    .prefault({})
    .describe('Session locks; relative to the repository.'),
  performance: z
    .strictObject({
      responseTime: share.prefault('+10%'),
      memory: share.prefault('+20%'),
      cpu: share.prefault('+20%'),
      samples: z.int().min(3).max(1000).default(20),
      floor: limitFloor,
      logErrors: z
        .strictObject({
          pattern: pattern.default('\\b(ERROR|FATAL|CRITICAL|Traceback|panic)\\b'),
          window: durationOr('5m'),
        })
        .prefault({}),
    })
    .prefault({}),
  timeTargets: times,
  emergency: z
    .strictObject({
      stopStable: z
        .enum(['when-needed', 'always'])
        .default('when-needed')
        .describe('always: also a healthy stable system is stopped, as the letter of the runbook has it.'),
    })
    .prefault({}),
  partial: partial.prefault({}).describe('What the partial rollbacks switch, limit, and run again.'),
  questions: questionTimes,
  notices,
  contacts: z.array(contact).min(1, 'at least one contact').readonly(),
});

export type TargetFile = z.output<typeof targetFile>;

/** The effective target: every default filled in, every path absolute, every time in milliseconds. */
export type Target = ReturnType<typeof normalise>;
