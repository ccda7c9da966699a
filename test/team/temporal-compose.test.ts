import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { defaultNamespace } from '../../contract/ids.ts';

interface Service {
  readonly image: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: object;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
}

const text = readFileSync(new URL('../../docker-compose.temporal.yml', import.meta.url), 'utf8');
const file: {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
} = parse(text, { merge: true });
const services = Object.entries(file.services);

it('pins every image', () => {
  expect(services.length).toBeGreaterThan(3);
  for (const [name, { image }] of services) expect(image, name).toMatch(/:\d+\.\d+(\.\d+)?$/);
});

it('publishes on loopback only', () => {
  const ports = services.flatMap(([, service]) => service.ports ?? []);
  expect(ports.length).toBeGreaterThan(0);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});

it('keeps the database on a named volume', () => {
  const [volume] = (file.services['postgresql']?.volumes?.[0] ?? '').split(':');
  expect(Object.keys(file.volumes)).toContain(volume);
});

it('starts each service when what it needs is healthy or through', () => {
  for (const [name, { depends_on: needs = {} }] of services) {
    for (const [needed, { condition }] of Object.entries(needs)) {
      expect(file.services, `${name} needs ${needed}`).toHaveProperty(needed);
      if (condition === 'service_healthy') expect(file.services[needed]?.healthcheck, needed).toBeDefined();
      else expect(condition).toBe('service_completed_successfully');
    }
  }
});

it('holds no password', () => {
  expect(text.match(/(PASSWORD|PWD): (?!\$\{TEMPORAL_DB_PASSWORD:\?)/g)).toBeNull();
});

it('makes the namespace that the client asks for, with 90 days of history', () => {
  const { namespace } = file.services;
  expect(namespace?.environment?.['TEMPORAL_NAMESPACE']).toBe(defaultNamespace);
  expect(namespace?.command?.join()).toContain('--retention 2160h');
});
