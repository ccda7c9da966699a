import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import type { Person } from '../contract/rollback.ts';

/** Who asks, as the operating system knows them; under sudo the account that called it. No option sets it. */
export function personHere(env: NodeJS.ProcessEnv = process.env): Person {
  const { username, uid } = userInfo();
  const host = hostname();
  const caller = Number(env['SUDO_UID'] ?? '');
  // Only root can have been made root by sudo: for anybody else the variables are just text.
  if (uid !== 0 || env['SUDO_UID'] === undefined || !Number.isInteger(caller)) return { account: username, uid, host };
  return { account: accountOf(caller) ?? env['SUDO_USER'] ?? `uid ${caller}`, uid: caller, host };
}

/** The name that belongs to the number, so that a forged SUDO_USER names nobody else. */
function accountOf(uid: number): string | undefined {
  let text: string;
  try {
    text = readFileSync('/etc/passwd', 'utf8');
  } catch {
    // No passwd file (other systems): the caller falls back to what sudo says.
    return undefined;
  }
  const row = text.split('\n').find((line) => line.split(':')[2] === String(uid));
  return row?.split(':')[0];
}
