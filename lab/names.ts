import { randomBytes } from 'node:crypto';

/** Every label, role and name of a lab. */

export const labLabel = 'durable-rollback.lab';
export const sharedImageLabel = 'durable-rollback.lab-image';
export const checkpointTag = 'lightrag-0qp.0-pre-experiment';
export const stableFile = 'docker-compose.yml';
export const experimentFile = 'docker-compose.openviking.yml';
export const experimentProfile = 'indexing';

/** What a container is in the lab; the value is its compose service (`byHand` stands in no compose file). */
export const services = {
  stable: 'lightrag',
  store: 'store',
  experiment: 'lightrag-openviking',
  cache: 'openviking-cache',
  indexer: 'openviking-indexer',
} as const;

export type Role = keyof typeof services | 'byHand';

/** `runbook`: exactly the names and the port of the runbook, one such lab per daemon. `suffixed`: any number of labs. */
export type NameStyle = 'runbook' | 'suffixed';

export interface LabNames {
  readonly id: string;
  readonly style: NameStyle;
  /** Compose takes the folder's name as the project's; both stacks share it. */
  readonly project: string;
  readonly stable: string;
  readonly experiment: string;
  readonly byHand: string;
  readonly network: string;
  readonly volume: string;
  /** The good tag, which the fault `bad-image` moves. */
  readonly stableImage: string;
  readonly experimentImage: string;
}

/** Begins the ROLLBACK_FENCE of all that is started for a lab: by itself, and by rollbacks of its environment. */
export function childMarker(id: string): string {
  return `lab-${id}/`;
}

export function newLabId(): string {
  return randomBytes(4).toString('hex');
}

/** @throws RangeError when the id cannot be part of a container's name */
export function labNames(id: string, style: NameStyle): LabNames {
  if (!/^[a-z0-9][a-z0-9-]{0,24}$/.test(id)) throw new RangeError(`"${id}" is no lab id: a-z, 0-9 and "-" only.`);
  const project = `smp-${id}`;
  const named = (name: string) => (style === 'runbook' ? name : `${name}-${id}`);
  return {
    id,
    style,
    project,
    stable: named('lightrag'),
    experiment: named('lightrag-openviking'),
    byHand: named('lightrag-experimental'),
    network: `${project}_agents`,
    volume: `${project}_store-data`,
    stableImage: `lab/${project}:stable`,
    experimentImage: `lab/${project}-openviking:experiment`,
  };
}
