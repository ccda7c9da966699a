import { z } from 'zod';
import { probe } from './checks.ts';
import { switchSchema } from './switches.ts';
import { argv, durationOr, name, path, size } from './values.ts';

/** Runbook, "Scenario 2": what is limited, and how long it is watched whether that helps. */
const performance = z.strictObject({
  limits: z
    .strictObject({
      cpus: z.number().min(0.01).optional().describe('CPUs that each container of the experiment may use.'),
      memory: size.optional().describe('Memory that each container of the experiment may use.'),
    })
    .prefault({})
    .describe('Set by an update of the running container; a limit is only ever lowered.'),
  limiter: z.array(switchSchema).default([]).readonly().describe('Switches that limit its rate of requests.'),
  watch: z
    .strictObject({
      for: durationOr('15m').describe('Not better by then: the full rollback is proposed.'),
      every: durationOr('1m'),
      good: z.int().min(1).max(100).default(3).describe('So many samples in a row within the limits mean better.'),
    })
    .prefault({}),
});

/** Runbook, "Scenario 1": what sends the traffic, and how it is seen where requests end up. */
const integration = z.strictObject({
  switches: z.array(switchSchema).min(1, 'at least one switch').readonly().describe('Set one after the other.'),
  probes: z
    .array(z.strictObject({ name, ...probe, timeout: durationOr('10s') }))
    .min(1, 'at least one probe')
    .readonly()
    .describe('Asked where users ask; answered as expected only by the stable system.'),
  samples: z.int().min(1).max(1000).default(10).describe('So often each is asked; every answer must be right.'),
});

/** Runbook, "Scenario 3": the migration that went wrong, and how it is run again once it is mended. */
const migration = z.strictObject({
  roots: z
    .array(name)
    .min(1, 'at least one data root')
    .readonly()
    .describe('Data roots that it changes: these go back.'),
  command: argv.describe('Run without a shell, in the repository, as its owner.'),
  files: z
    .array(path)
    .min(1, 'at least one file')
    .readonly()
    .describe('What it consists of: while these and the command are as they were, it is not run again.'),
  timeout: durationOr('10m'),
  check: z
    .strictObject({ command: argv, timeout: durationOr('2m') })
    .describe('Ends with exit code 0 when the migrated data are right.'),
  wait: durationOr('24h').describe('How long the rollback waits for "rollback answer fixed".'),
});

/** What the partial rollbacks need to know of a system; one that is not described cannot be started. */
export const partial = z.strictObject({
  owner: z.string().min(1).optional().describe('Who mends the experiment afterwards; named in the report.'),
  integration: integration.optional(),
  performance: performance.optional(),
  migration: migration.optional(),
});
