import { randomBytes } from 'node:crypto';
import type Docker from 'dockerode';
import { ensureBaseImage } from '../lab/base-image.ts';
import { unless } from '../lab/docker.ts';

/** Containers of an experiment that exists for a measurement, on the real engine. */
export interface BenchContainers {
  readonly project: string;
  /** @param script JavaScript that it runs; started unless there is none */
  make(script?: string): Promise<Docker.Container>;
  removeAll(): Promise<void>;
}

export async function benchContainers(docker: Docker): Promise<BenchContainers> {
  const image = await ensureBaseImage(docker);
  const project = `bench-${randomBytes(4).toString('hex')}`;
  const made: Docker.Container[] = [];
  return {
    project,
    async make(script) {
      const container = await docker.createContainer({
        name: `${project}-${made.length + 1}`,
        Image: image,
        Cmd: ['node', '-e', script ?? ''],
        Labels: { 'com.docker.compose.project': project, 'com.docker.compose.service': 'experiment' },
        HostConfig: { LogConfig: { Type: 'json-file', Config: {} } },
      });
      made.push(container);
      if (script !== undefined) await container.start();
      return container;
    },
    async removeAll() {
      for (const container of made) await unless([404, 409], container.remove({ force: true, v: true }));
    },
  };
}

/** Prints so many MiB of lines as fast as its reader takes them, and ends. */
export function talker(mebibytes: number): string {
  return `
    const line = 'x'.repeat(1023) + '\\n';
    const block = line.repeat(1024);
    let left = ${mebibytes};
    const go = () => {
      while (left > 0) {
        left -= 1;
        if (!process.stdout.write(block)) return process.stdout.once('drain', go);
      }
    };
    go();`;
}
