import { z } from 'zod';
import { argv, duration, durationOr, name, path, url } from './values.ts';

/** Secrets stand in no target: it names the environment variable of the worker, or the file, that holds one (design §4.12). */
const secret = z.union([
  z.strictObject({ secret: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable') }),
  z.strictObject({ secretFile: path }),
]);

/** Some services put the secret into the address. */
const address = z.union([url, secret]);

const shared = { name, timeout: durationOr('10s') };

/** One way to reach people. Each notice goes to a channel once, under one key, however often it has to be tried. */
export const channel = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('webhook'),
    ...shared,
    url: address,
    headers: z.record(z.string(), z.union([z.string(), secret])).default({}),
  }),
  z.strictObject({ kind: z.literal('slack'), ...shared, url: address }),
  z.strictObject({
    kind: z.literal('pagerduty'),
    ...shared,
    url: address.prefault('https://events.pagerduty.com/v2/enqueue'),
    routingKey: secret,
  }),
  z.strictObject({
    kind: z.literal('email'),
    ...shared,
    host: z.string().min(1, 'a mail server'),
    port: z.int().min(1).max(65_535).default(587),
    tls: z
      .enum(['required', 'from-the-start', 'when-offered'])
      .default('required')
      .describe('from-the-start: as on port 465; when-offered only for a server of this host.'),
    user: z.string().optional(),
    password: secret.optional(),
    from: z.string().includes('@', { error: 'an address with @' }),
    to: z
      .array(z.string().includes('@', { error: 'an address with @' }))
      .min(1, 'at least one address')
      .readonly(),
  }),
  z.strictObject({
    kind: z.literal('command'),
    ...shared,
    command: argv.describe('Run without a shell on the host of the worker; the notice is its input, as JSON.'),
  }),
]);

/** Runbook, "Contacts and Escalation": who hears of a rollback, and by which way. */
export const notices = z
  .strictObject({
    channels: z.array(channel).default([]).readonly(),
    stakeholders: z
      .array(name)
      .default([])
      .readonly()
      .describe('Channels that hear of the start, the end of each phase, questions, time marks and the verdict.'),
    deadMan: z
      .strictObject({ url: address, every: durationOr('1m') })
      .optional()
      .describe('Asked while a rollback is open: whoever watches it learns that the rescuer died.'),
  })
  .prefault({});

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 09:00');

const timeZone = z.string().refine((text) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}, 'a time zone such as Europe/Berlin or UTC');

/** Runbook, "Primary Contacts": some can be reached at any time, some during business hours. */
export const contact = z.strictObject({
  level: z.int().min(1).max(9),
  name: z.string().min(1),
  reach: z.array(z.string().min(1)).min(1, 'at least one way to reach them').readonly(),
  hours: z.string().optional().describe('In words, for people.'),
  notify: z.array(name).default([]).readonly().describe('Channels by which this level is called.'),
  acknowledge: durationOr('10m').describe(
    'Without "rollback ack" in this time they are called again, then the next level.',
  ),
  repeats: z.int().min(0).max(10).default(1),
  businessHours: z
    .strictObject({
      days: z
        .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
        .min(1, 'at least one day')
        .default(['mon', 'tue', 'wed', 'thu', 'fri'])
        .readonly(),
      from: clock.default('09:00'),
      to: clock.default('17:00'),
      timeZone,
      outside: z.enum(['skip', 'wait']).default('skip').describe('What becomes of this level at other times.'),
    })
    .refine(({ from, to }) => from < to, 'an end later than the beginning')
    .optional(),
});

export const questionTimes = z
  .strictObject({ deadline: duration.prefault('10m').describe('Then the default of the question holds.') })
  .prefault({});
