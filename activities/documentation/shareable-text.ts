import type { Target } from '../../target/schema.ts';
import { readIfThere } from '../../vault/durable-file.ts';
import { redact } from '../evidence/redact.ts';
import type { Room } from '../kernel/room.ts';

/** Shorter ones would blot out ordinary words; no secret worth its name is that short. */
const minLength = 6;

/**
 * Takes secrets out of a text that others will read (design §4.12): what looks like one, and the very values that the
 * target's headers refer to, wherever a server or a log repeated them.
 */
export function shareableText(room: Pick<Room, 'target' | 'world'>): (text: string) => string {
  const values = secretValues(room);
  return (text) => {
    const known = values.reduce((rest, value) => rest.replaceAll(value, '[redacted]'), text);
    return redact(known) as string;
  };
}

function secretValues({ target, world }: Pick<Room, 'target' | 'world'>): readonly string[] {
  return headersOf(target)
    .map((header) => {
      if (typeof header === 'string') return '';
      if ('secret' in header) return world.secrets[header.secret] ?? '';
      return (readIfThere(header.secretFile) ?? '').trim();
    })
    .filter((value) => value.length >= minLength)
    .sort((a, b) => b.length - a.length);
}

function headersOf({ health, checks }: Target) {
  return [health, ...checks].flatMap(({ headers }) => Object.values(headers));
}
