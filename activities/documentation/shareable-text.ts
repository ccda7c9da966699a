import { readIfThere } from '../../vault/durable-file.ts';
import { redact } from '../evidence/redact.ts';
import type { Room } from '../kernel/room.ts';
import type { SecretText } from '../kernel/secrets.ts';

/** Shorter ones would blot out ordinary words; no secret worth its name is that short. */
const minLength = 6;

/**
 * Takes secrets out of a text that others will read (design §4.12): what looks like one, and the very values that the
 * target refers to, wherever a server or a log repeated them.
 */
export function shareableText(room: Pick<Room, 'target' | 'world'>): (text: string) => string {
  const values = secretValues(room);
  return (text) => {
    const known = values.reduce((rest, value) => rest.replaceAll(value, '[redacted]'), text);
    return redact(known) as string;
  };
}

function secretValues({ target, world }: Pick<Room, 'target' | 'world'>): readonly string[] {
  return secretsIn(target)
    .map((text) => {
      if ('secret' in text) return world.secrets[text.secret] ?? '';
      return (readIfThere(text.secretFile) ?? '').trim();
    })
    .filter((value) => value.length >= minLength)
    .sort((a, b) => b.length - a.length);
}

/** Every place of the target that names a secret: headers of checks, addresses and keys of channels. */
function secretsIn(value: unknown): readonly Exclude<SecretText, string>[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('secret' in value && typeof value.secret === 'string') return [{ secret: value.secret }];
  if ('secretFile' in value && typeof value.secretFile === 'string') return [{ secretFile: value.secretFile }];
  return Object.values(value).flatMap(secretsIn);
}
