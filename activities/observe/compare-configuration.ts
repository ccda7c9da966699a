import { parse } from 'yaml';
import type { ConfigurationChange } from '../../contract/changes.ts';

type Keys = ReadonlyMap<string, string>;

/**
 * Keys that differ between two effective compose configurations: of each service, its settings one by one and its
 * environment variables by name. Values are compared, never told: they may be secrets.
 */
export function compareConfiguration(recorded: string, now: string): readonly ConfigurationChange[] {
  const [a, b] = [parsed(recorded), parsed(now)];
  const names = [...new Set([...Object.keys(a.services), ...Object.keys(b.services)])].sort();
  return [
    ...names.flatMap((service) => {
      const [before, after] = [a.services[service], b.services[service]];
      if (before === undefined) return [{ service, key: 'the service', what: 'added' } as const];
      if (after === undefined) return [{ service, key: 'the service', what: 'removed' } as const];
      return differing(keysOf(before), keysOf(after)).map((change) => ({ service, ...change }));
    }),
    ...differing(flat(a.rest), flat(b.rest)).map((change) => ({ service: null, ...change })),
  ];
}

function parsed(text: string): {
  readonly services: Readonly<Record<string, unknown>>;
  readonly rest: Readonly<Record<string, unknown>>;
} {
  const { services, ...rest } = asRecord(parse(text));
  return { services: asRecord(services), rest };
}

/** Settings of a service; `environment` is a map or a list of `NAME=value`, as compose's versions have it. */
function keysOf(service: unknown): Keys {
  const { environment, ...settings } = asRecord(service);
  const variables = Array.isArray(environment)
    ? environment.map((line): readonly [string, unknown] => {
        const [name = '', ...value] = String(line).split('=');
        return [name, value.join('=')];
      })
    : Object.entries(asRecord(environment)).map(
        ([name, value]) => [name, value === null ? '' : String(value)] as const,
      );
  return new Map([
    ...flat(settings),
    ...variables.map(([name, value]) => [`environment.${name}`, JSON.stringify(value)] as const),
  ]);
}

function flat(settings: Readonly<Record<string, unknown>>): Keys {
  return new Map(Object.entries(settings).map(([key, value]) => [key, canonical(value)]));
}

/** The same whatever the order of the keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

function differing(before: Keys, after: Keys): readonly Pick<ConfigurationChange, 'key' | 'what'>[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  return keys.flatMap((key) => {
    const [a, b] = [before.get(key), after.get(key)];
    if (a === b) return [];
    return [{ key, what: a === undefined ? 'added' : b === undefined ? 'removed' : 'changed' } as const];
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
