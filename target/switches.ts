import { z } from 'zod';
import { probe } from './checks.ts';
import { argv, composeName, durationOr, name, path } from './values.ts';

/** What a switch is set by over HTTP; the answer's status tells whether it was taken. */
const request = z.strictObject({ ...probe, timeout: durationOr('10s') });

const afterwards = {
  restart: z
    .array(composeName)
    .default([])
    .readonly()
    .describe('Containers, by service or name, that read the file at their start: restarted by id.'),
  reload: z
    .strictObject({ command: argv, timeout: durationOr('30s') })
    .optional()
    .describe('Makes it take effect; run without a shell after each change of the file.'),
};

/**
 * Something that can be set and taken back: a key in a file, a service that runs or not, a call to a router or limiter
 * (runbook, "Partial Rollback Scenarios"). What takes it back is recorded before it is set.
 */
export const switchSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file'),
    name,
    file: path.describe('Relative to the repository.'),
    format: z.enum(['env', 'json', 'yaml']),
    key: z
      .string()
      .regex(/^[^\s=#]+$/, 'a key without spaces; in JSON and YAML a pointer such as /routes/default')
      .describe('Name in an env file; pointer in JSON and YAML.'),
    value: z.union([z.string(), z.number(), z.boolean()]).describe('What the rollback sets it to.'),
    ...afterwards,
  }),
  z.strictObject({
    kind: z.literal('service'),
    name,
    service: composeName.describe('A service of the experiment, or a container by its plain name.'),
    state: z.enum(['stopped', 'running']).describe('What the rollback makes of it.'),
  }),
  z.strictObject({
    kind: z.literal('http'),
    name,
    set: request.describe('What the rollback asks for.'),
    undo: request.describe('What takes it back.'),
    is: request.describe('Answers as expected exactly when it is set.'),
  }),
]);
