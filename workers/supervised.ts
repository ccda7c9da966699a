import { existsSync } from 'node:fs';

/** Whether an init system would start our units after a reboot (design §6). */
export function isSupervised(): boolean {
  return existsSync('/run/systemd/system') && existsSync('/etc/systemd/system/durable-rollback-server.service');
}
