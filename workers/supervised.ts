import { existsSync } from 'node:fs';
import { supervisedBy } from '../contract/processes.ts';

/** Whether systemd would start server and worker of this environment after a reboot (design §6). */
export function isSupervised(environment: string): boolean {
  return supervisedBy(environment).every((path) => existsSync(path));
}
