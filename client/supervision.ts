import { existsSync } from 'node:fs';
import { serverUnit, supervisedBy, workerUnit } from '../contract/processes.ts';

/** Told wherever somebody may rely on the embedded processes; undefined where systemd starts them again. */
export function unsupervisedNote(environment: string): string | undefined {
  return isSupervised(environment)
    ? undefined
    : 'Unsupervised: a reboot pauses the rollback until "rollback up" on its host.';
}

/** Told to whoever stops what systemd keeps alive. */
export function supervisedNote(environment: string): string | undefined {
  return isSupervised(environment)
    ? `systemd starts both again; to have them stay down: systemctl stop ${workerUnit(environment)} ${serverUnit}`
    : undefined;
}

function isSupervised(environment: string): boolean {
  return supervisedBy(environment).every((path) => existsSync(path));
}
