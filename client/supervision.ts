import { existsSync } from 'node:fs';
import { supervisedBy } from '../contract/processes.ts';

/** Told wherever somebody may rely on the embedded processes; undefined where an init system starts them again. */
export function unsupervisedNote(): string | undefined {
  return supervisedBy.every((path) => existsSync(path))
    ? undefined
    : 'Unsupervised: a reboot pauses the rollback until "rollback up" on its host.';
}
