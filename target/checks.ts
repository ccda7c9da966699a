import { z } from 'zod';
import { checklistIds } from '../runbook/checklist.ts';
import { duration, durationOr, name, path, size, url } from './values.ts';

/** Secrets stand in no target: a header names the environment variable or the file that holds it (design §4.12). */
const header = z.union([
  z.string(),
  z.strictObject({ secret: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable') }),
  z.strictObject({ secretFile: path }),
]);

const expectation = z.strictObject({
  status: z.int().min(100).max(599).default(200),
  json: z.record(z.string(), z.json()).optional().describe('JSON Schema of the answer; without it any body will do.'),
  maxBytes: size.prefault('1MiB').describe('A longer answer is a wrong one.'),
});

/** What is asked, and what a right answer is. */
export const probe = {
  method: z.enum(['GET', 'POST', 'PUT', 'HEAD']).default('GET'),
  url,
  headers: z.record(z.string(), header).default({}),
  body: z.json().optional().describe('Sent as JSON.'),
  expect: expectation.prefault({}),
};

/** Runbook 1.3 and 3.1: steadily healthy is N good answers over some time, not one. */
export const health = z.strictObject({
  ...probe,
  timeout: durationOr('5s'),
  soak: z
    .strictObject({ answers: z.int().min(1).max(100).default(5), over: durationOr('10s') })
    .prefault({})
    .describe('So many good answers in a row over so much time, with unchanged containers.'),
  deadline: durationOr('3m').describe('How long it may take to become healthy.'),
});

/** Runbook 3.1: a real question with a known answer. */
export const check = z.strictObject({
  id: name,
  title: z.string().min(1),
  ...probe,
  timeout: durationOr('10s'),
  proves: z
    .array(z.enum(checklistIds as [string, ...string[]]))
    .default([])
    .readonly()
    .describe('Items of the checklist that this answer proves.'),
  required: z.boolean().default(true),
});

const limits = z.strictObject({
  responseTimeMs: z.number().min(0).default(50),
  memory: size.prefault('32MiB'),
  cpuPercent: z.number().min(0).default(5),
});

export const limitFloor = limits
  .prefault({})
  .describe('What may be exceeded in absolute terms before the share counts: small numbers are noise.');

export const timeTarget = z
  .strictObject({ target: duration, maximum: duration })
  .refine(({ target, maximum }) => target <= maximum, 'a target not later than its maximum');
