import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labDocker } from '../lab/docker.ts';
import { until } from '../lab/until.ts';
import { costOf } from './child.ts';
import { benchContainers, talker } from './containers.ts';
import type { Cost } from './run-acts.ts';

/** Measurements of acts by size; the bench takes large ones, the tests small ones. */

/** The log of one container, read whole into the evidence. */
export async function measureLog(mebibytes: number): Promise<Cost> {
  return inFolder(async (folder) => {
    const containers = await benchContainers(labDocker(undefined));
    try {
      const container = await containers.make(talker(mebibytes));
      // The engine answers when it has ended; how long that takes is the disk's affair.
      await until(
        'the container to have said all',
        async () => ((await container.inspect()).State.Status === 'exited' ? true : undefined),
        { deadlineMs: 15 * 60_000, everyMs: 200 },
      );
      return await costOf('log', folder, containers.project);
    } finally {
      await containers.removeAll();
    }
  });
}

/** A data root of so many small files, copied into a checkpoint and verified. */
export async function measureFiles(count: number): Promise<Cost> {
  return inFolder(async (folder) => {
    const data = join(folder, 'repository', 'data');
    for (let n = 0; n < count; n += 1) {
      if (n % 1_000 === 0) mkdirSync(join(data, String(n / 1_000)), { recursive: true });
      writeFileSync(join(data, String(Math.floor(n / 1_000)), `file-${n}.json`), `{"n":${n}}\n`);
    }
    return await costOf('files', folder, 'nothing');
  });
}

/** An experiment of so many containers, ten of which run: planned, contained, captured, stopped. */
export async function measureContainers(count: number): Promise<Cost> {
  return inFolder(async (folder) => {
    const containers = await benchContainers(labDocker(undefined));
    try {
      for (let n = 0; n < count; n += 1) await containers.make(n < 10 ? 'setInterval(() => {}, 1e6)' : undefined);
      return await costOf('containers', folder, containers.project);
    } finally {
      await containers.removeAll();
    }
  });
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'durable-rollback-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
