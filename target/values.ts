import { z } from 'zod';
import { durationMs } from '../runbook/duration.ts';

/** Values of a target file: each knows how it is written, and what it becomes. */

/** `90s`, `15m`, `6h` → milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'a length of time such as 90s, 15m or 6h')
  .transform(durationMs);

/** A time with the runbook's default. */
export const durationOr = (text: string) => duration.prefault(text);

/** `+10%` → 0.1: how much more than the baseline is allowed. */
export const share = z
  .string()
  .regex(/^\+\d+(\.\d+)?\s?%$/, 'a share above the baseline such as +10%')
  .transform((text) => Number.parseFloat(text.slice(1)) / 100);

/** `256MiB`, `1GiB`, `4096` → bytes. */
export const size = z
  .string()
  .regex(/^\d+(\.\d+)?\s?(B|KiB|MiB|GiB)?$/, 'a size such as 512KiB, 32MiB or 1GiB')
  .transform((text) => {
    const unit = /[KMG]iB/.exec(text)?.[0] ?? 'B';
    return Math.round(Number.parseFloat(text) * units[unit as keyof typeof units]);
  });

const units = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** Becomes part of ids, task queues and folder names. */
export const environmentId = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'lower-case letters, digits and hyphens, at most 40');

/** Becomes a folder's name and part of a step's key. */
export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/, 'letters, digits, hyphens and underscores, at most 60');

/** What git takes for a tag, branch or commit; never an option. */
export const gitRef = z
  .string()
  .regex(
    /^(?!-)[^\s~^:?*[\\\p{Cc}]{1,200}$/u,
    'a git tag, branch or commit without spaces, not starting with a hyphen',
  );

export const composeName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, 'a name as Docker and Compose allow it: letters, digits, _ . -');

export const path = z
  .string()
  .min(1, 'a path')
  .refine((text) => !text.includes('\0'), 'a path without NUL');

/** A glob relative to where it stands. */
export const glob = z
  .string()
  .min(1, 'a pattern')
  .refine((text) => !text.split('/').includes('..'), 'a pattern that does not leave its folder');

export const url = z.string().refine((text) => {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  return parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === '';
}, 'an http or https URL without user and password in it');

export const argv = z.array(z.string().min(1, 'a word')).min(1, 'a command with at least one word').readonly();

/** A pattern that matches its own search only: checked when the file is read, not at three in the morning. */
export const pattern = z.string().refine((text) => {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}, 'a regular expression');
