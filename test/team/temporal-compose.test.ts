import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { defaultNamespace } from '../../contract/ids.ts';
import { findCompose } from '../../lab/compose-command.ts';

interface Service {
  readonly image: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: object;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly restart?: string;
}

const path = fileURLToPath(new URL('../../docker-compose.temporal.yml', import.meta.url));
const text = readFileSync(path, 'utf8');
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

const jobs = ['schema', 'namespace'];

it('comes back after a reboot, and gives its jobs up after some tries', () => {
  for (const [name, { restart }] of services) {
    expect(restart, name).toMatch(jobs.includes(name) ? /^on-failure:\d+$/ : /^unless-stopped$/);
  }
});

it('asks the database and the server whether they are well', () => {
  for (const name of ['postgresql', 'temporal']) expect(file.services[name]?.healthcheck, name).toBeDefined();
});

it('brings both schemas up before the server starts, and the namespace after it', () => {
  const schema = file.services['schema']?.command?.join('\n') ?? '';
  for (const database of ['temporal', 'temporal_visibility']) expect(schema).toContain(database);
  expect(file.services['temporal']?.depends_on).toHaveProperty('schema.condition', 'service_completed_successfully');
  expect(file.services['namespace']?.depends_on).toHaveProperty('temporal.condition', 'service_healthy');
});

it('says that it was not run', () => {
  expect(text).toContain('Never run by its authors');
});

describe.each(['v1', 'v5'] as const)('compose %s', (choice) => {
  const config = async (env: Readonly<Record<string, string>>) => {
    const { file: command, args } = await findCompose(choice);
    const run = [...args, '-f', path, 'config'];
    return execa(command, run, { env: { TEMPORAL_DB_PASSWORD: undefined, ...env }, reject: false, stdin: 'ignore' });
  };

  it('accepts it and sees the same services', async () => {
    const { exitCode, stdout, stderr } = await config({ TEMPORAL_DB_PASSWORD: 'secret of a test' });
    expect(exitCode, String(stderr)).toBe(0);
    const seen = parse(stdout) as { readonly services: Readonly<Record<string, Service>> };
    expect(Object.keys(seen.services).sort()).toEqual(services.map(([name]) => name).sort());
    for (const [name, { image }] of services) expect(seen.services[name]?.image).toBe(image);
    expect(seen.services['postgresql']?.environment?.['POSTGRES_PASSWORD']).toBe('secret of a test');
    // The shell's own variables are left to the shell.
    expect(stdout).toMatch(/\$\$?database/);
  });

  it('refuses it without a password', async () => {
    const { exitCode, stderr } = await config({});
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('set TEMPORAL_DB_PASSWORD');
  });
});
