import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { serverUnit, systemdPlaces, workerUnit } from '../contract/processes.ts';
import { ClientFailure } from './failures.ts';
import type { Unit } from './service-units.ts';

/** Workers of other environments on this host, which need the embedded server. */
export function otherWorkersOf(environment: string): readonly string[] {
  const prefix = workerUnit('').replace('.service', '');
  return readdirSync(systemdPlaces.units).filter((name) => name.startsWith(prefix) && name !== workerUnit(environment));
}

/**
 * The server's unit has one name on a host: it must not be turned to another state folder under the feet of others.
 * @throws ClientFailure `refused`
 */
export function refuseOtherState(units: readonly Unit[], stateRoot: string): void {
  const server = units.find(({ name }) => name === serverUnit);
  if (server === undefined || !existsSync(server.path)) return;
  const [, other] = /^Environment="?ROLLBACK_STATE_DIR=([^"\n]*)"?$/m.exec(readFileSync(server.path, 'utf8')) ?? [];
  if (other === undefined || other === stateRoot.replaceAll('%', '%%')) return;
  throw new ClientFailure('refused', `${server.path} serves the state folder ${other}; nothing was changed.`, {
    next: [`Use --state-root ${other}, or remove its units first: rollback service --remove`],
  });
}
