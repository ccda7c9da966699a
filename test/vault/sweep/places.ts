import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type EnvironmentLayout, environmentLayout } from '../../../vault/layout.ts';

/** Where everything lies in the small world of one operation of the sweep. Nothing is made by asking. */
export interface Places {
  readonly root: string;
  /** The data roots, side by side, as a system has them. */
  readonly agent: string;
  readonly skills: string;
  /** What belongs to nobody's plan and must stay as it is. */
  readonly outside: string;
  /** A single backup file, as the runbook's `*.backup`. */
  readonly backup: string;
  /** Where replaced files go. */
  readonly aside: string;
  readonly locks: string;
  readonly layout: EnvironmentLayout;
}

export const rollbackId = 'lab-20260101T000000-ab12';
export const checkpointId = 'good';
export const backupContent = 'content of the backup';
export const backupSha256 = createHash('sha256').update(backupContent).digest('hex');

export function placesIn(root: string): Places {
  const data = join(root, 'data');
  return {
    root,
    agent: join(data, 'agent'),
    skills: join(data, 'skills'),
    outside: join(root, 'outside'),
    backup: join(root, 'outside/settings.json.backup'),
    aside: join(data, `.durable-rollback-${rollbackId}`),
    locks: join(root, 'locks'),
    layout: environmentLayout(join(root, 'state'), 'lab'),
  };
}
