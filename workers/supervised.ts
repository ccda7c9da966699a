import { existsSync } from 'node:fs';
import { supervisedBy } from '../contract/processes.ts';

/** Whether an init system would start our units after a reboot (design §6). */
export function isSupervised(): boolean {
  return supervisedBy.every((path) => existsSync(path));
}
