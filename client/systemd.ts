import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { systemdPlaces } from '../contract/processes.ts';
import { writeFileDurably } from '../vault/durable-file.ts';
import { errorCode } from '../vault/errors.ts';
import { ClientFailure } from './failures.ts';
import type { Unit } from './service-units.ts';

const systemctlMs = 60_000;

/** Whether systemd is process 1 here (sd_booted(3)). */
export function systemdRuns(): boolean {
  return existsSync(systemdPlaces.running);
}

/** Writes the units, has them started now and at every boot. @returns units whose text has changed */
export async function installUnits(units: readonly Unit[]): Promise<readonly string[]> {
  const changed = units.filter(({ path, text }) => !existsSync(path) || readFileSync(path, 'utf8') !== text);
  for (const unit of changed) changeFile(unit.path, () => writeUnit(unit));
  await systemctl('daemon-reload');
  await systemctl('enable', '--now', ...units.map(({ name }) => name));
  return changed.map(({ name }) => name);
}

/** Ends the units and removes them; the processes end with them. @returns units that were there */
export async function removeUnits(units: readonly Unit[]): Promise<readonly string[]> {
  const there = units.filter(({ path }) => existsSync(path));
  if (there.length === 0) return [];
  await systemctl('disable', '--now', ...there.map(({ name }) => name));
  for (const { path } of there) changeFile(path, () => rmSync(path, { force: true }));
  await systemctl('daemon-reload');
  return there.map(({ name }) => name);
}

function writeUnit({ path, text }: Unit): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileDurably(path, text, 0o644);
}

function changeFile(path: string, change: () => void): void {
  try {
    change();
  } catch (error) {
    if (errorCode(error) !== 'EACCES' && errorCode(error) !== 'EPERM') throw error;
    throw new ClientFailure('missing', `${path} cannot be changed by this account; what comes after it was not done.`, {
      next: ['Run it as root.'],
      cause: error,
    });
  }
}

async function systemctl(...args: readonly string[]): Promise<void> {
  const ended = await execa('systemctl', args, { reject: false, timeout: systemctlMs, stdin: 'ignore' });
  if (ended.exitCode === 0) return;
  throw new ClientFailure('missing', `systemctl ${args.join(' ')} failed; what comes after it was not done.`, {
    details: String(ended.stderr || ended.message)
      .trim()
      .split('\n')
      .slice(-5),
  });
}
