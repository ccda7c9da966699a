import { readFileSync } from 'node:fs';
import { ActFailure } from './failures.ts';
import type { World } from './world.ts';

/** A text, or where to find it: secrets stand in no target and in no history (design §4.12). */
export type SecretText = string | { readonly secret: string } | { readonly secretFile: string };

/**
 * @param what for the message: `header authorization`
 * @throws ActFailure `refused` when the variable is not set or the file cannot be read
 */
export function secretText(world: Pick<World, 'secrets'>, what: string, value: SecretText): string {
  if (typeof value === 'string') return value;
  if ('secretFile' in value) return readSecret(what, value.secretFile);
  const secret = world.secrets[value.secret];
  if (secret !== undefined && secret !== '') return secret;
  throw new ActFailure('refused', `The environment variable ${value.secret} for ${what} is not set; not asked.`);
}

function readSecret(what: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new ActFailure('refused', `The secret file ${path} for ${what} cannot be read; not asked.`, { cause });
  }
}
