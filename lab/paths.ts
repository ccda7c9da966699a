import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Where the lab finds its own files, and where labs are made. */

export interface LabPaths {
  readonly folder: string;
  /** The git repository; its folder's name is the compose project's. */
  readonly repository: string;
  readonly agent: string;
  /** Stands for the agents' home, which lies outside the repository. */
  readonly home: string;
  readonly gemini: string;
  /** Stands for the runbook's /data/results. */
  readonly results: string;
  readonly state: string;
  readonly target: string;
}

export function labPaths(folder: string, project: string): LabPaths {
  const repository = join(folder, project);
  return {
    folder,
    repository,
    agent: join(repository, '.agent'),
    home: join(folder, 'home'),
    gemini: join(folder, 'home', '.gemini'),
    results: join(folder, 'results'),
    state: join(folder, 'state'),
    target: join(folder, 'rollback.yaml'),
  };
}

/** Folder of all labs of this account: every process finds the others' registry there. */
export function labsRoot(): string {
  return process.env['ROLLBACK_LAB_DIR'] ?? join(tmpdir(), `durable-rollback-labs-${process.getuid?.() ?? 0}`);
}

/** A folder of the lab's own sources, whether this runs from lab/ or from dist/lab/. */
export function assetFolder(name: 'images' | 'openviking' | 'project'): string {
  let at = import.meta.dirname;
  while (!existsSync(join(at, 'package.json'))) {
    const above = dirname(at);
    if (above === at) throw new Error(`No package.json above ${import.meta.dirname}: the lab cannot find its files.`);
    at = above;
  }
  return join(at, 'lab', name);
}
