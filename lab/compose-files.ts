import { stringify } from 'yaml';
import { experimentProfile, type LabNames, labLabel, services } from './names.ts';
import type { LabPaths } from './paths.ts';

/**
 * The two compose files of the runbook: one folder, one project, one network. Valid under compose v1 and v5, hence the
 * `version` that v5 warns of, and no top-level `name`, which v1 refuses.
 */
export interface ComposeOptions {
  readonly names: LabNames;
  readonly paths: LabPaths;
  readonly ports: { readonly stable: number; readonly experiment: number };
  /** Addresses of the network, where the engine may not choose them itself. */
  readonly subnet: string | null;
}

/** The stable stack, in the checkpoint. */
export function stableCompose({ names, paths, ports, subnet }: ComposeOptions): string {
  const store = {
    image: names.stableImage,
    command: ['node', '/app/store.mjs'],
    environment: { PORT: '7000' },
    volumes: ['store-data:/data'],
    networks: ['agents'],
    restart: 'unless-stopped',
    stop_grace_period: '5s',
    labels: labelsOf(names),
  };
  const lightrag = {
    image: names.stableImage,
    build: { context: './server' },
    container_name: names.stable,
    user: account(),
    // The key comes from the git-ignored .env: a stack started without it is another configuration.
    environment: { STORE_URL: 'http://store:7000', LIGHTRAG_API_KEY: '$LIGHTRAG_API_KEY' },
    ports: [`127.0.0.1:${ports.stable}:9621`],
    volumes: agentMounts(paths),
    networks: ['agents'],
    depends_on: [services.store],
    restart: 'unless-stopped',
    stop_grace_period: '5s',
    healthcheck: { test: ['CMD', 'node', '/app/healthcheck.mjs'], interval: '10s', timeout: '3s', retries: 3 },
    labels: labelsOf(names),
  };
  return file({
    version: '3.8',
    services: { [services.stable]: lightrag, [services.store]: store },
    networks: networksOf(names, subnet),
    volumes: { 'store-data': { labels: labelsOf(names) } },
  });
}

/** The experiment's stack, committed after the checkpoint. */
export function experimentCompose({ names, paths, ports, subnet }: ComposeOptions): string {
  const common = {
    image: names.experimentImage,
    networks: ['agents'],
    restart: 'always',
    stop_grace_period: '5s',
    labels: labelsOf(names),
  };
  const openviking = {
    ...common,
    container_name: names.experiment,
    user: account(),
    environment: { STORE_URL: 'http://store:7000' },
    ports: [`127.0.0.1:${ports.experiment}:9631`],
    volumes: [...agentMounts(paths), './openviking:/project/openviking:ro'],
    depends_on: [services.cache],
  };
  const cache = { ...common, command: ['node', '/app/cache.mjs'], environment: { PORT: '7001' } };
  const indexer = {
    ...common,
    command: ['node', '/app/indexer.mjs'],
    environment: { STORE_URL: 'http://store:7000' },
    profiles: [experimentProfile],
  };
  return file({
    version: '3.8',
    services: { [services.experiment]: openviking, [services.cache]: cache, [services.indexer]: indexer },
    networks: networksOf(names, subnet),
  });
}

/** Containers write into bind mounts as the lab's maker, who must be able to remove what they wrote. */
export function account(): string {
  return `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
}

export function agentMounts(paths: LabPaths): readonly string[] {
  return ['./.agent:/project/.agent', `${paths.gemini}:/home/agent/.gemini`];
}

function labelsOf(names: LabNames): Readonly<Record<string, string>> {
  return { [labLabel]: names.id };
}

function networksOf(names: LabNames, subnet: string | null): Readonly<Record<string, unknown>> {
  const ipam = subnet === null ? {} : { ipam: { config: [{ subnet }] } };
  return { agents: { labels: labelsOf(names), ...ipam } };
}

function file(content: Readonly<Record<string, unknown>>): string {
  return stringify(content, { aliasDuplicateObjects: false, lineWidth: 0 });
}
