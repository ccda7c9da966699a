import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import Dockerode from 'dockerode';
import { ensureBaseImage } from '../../../lab/base-image.ts';

/** Containers of a test on the real engine: made by id, removed by id, whatever happened to them. */
export interface TestContainers {
  readonly engine: Dockerode;
  readonly image: string;
  /** Part of every name and label, so that nothing meets another test's. */
  readonly tag: string;
  make(options?: TestContainerOptions): Promise<Dockerode.Container>;
  /** Remembers something else to take away at the end, last in first out. */
  later(undo: () => Promise<unknown>): void;
  removeAll(): Promise<void>;
}

export interface TestContainerOptions {
  readonly name?: string;
  /** JavaScript that the container runs; it stays up by itself unless it exits. */
  readonly script?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  readonly started?: boolean;
  readonly host?: Dockerode.HostConfig;
  readonly stopTimeoutS?: number;
}

/** Leaves at once on SIGTERM and does nothing until then. */
export const idle = "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1e6);";

export async function testContainers(): Promise<TestContainers> {
  const engine = new Dockerode({ timeout: 60_000 });
  const image = await ensureBaseImage(engine);
  const tag = `dr-test-${randomBytes(4).toString('hex')}`;
  const undos: (() => Promise<unknown>)[] = [];
  let made = 0;
  return {
    engine,
    image,
    tag,
    async make(options = {}) {
      made += 1;
      const container = await engine.createContainer({
        name: options.name ?? `${tag}-${made}`,
        Image: image,
        Cmd: ['node', '-e', `${options.script ?? ''};${idle}`],
        Labels: { 'durable-rollback.test': tag, ...options.labels },
        Tty: options.tty ?? false,
        HostConfig: options.host ?? {},
        ...(options.stopTimeoutS === undefined ? {} : { StopTimeout: options.stopTimeoutS }),
      });
      undos.push(() => container.remove({ force: true, v: true }));
      if (options.started !== false) await container.start();
      return container;
    },
    later: (undo) => undos.push(undo),
    async removeAll() {
      for (const undo of undos.reverse()) {
        // A container that the test itself removed is gone: 404, or 409 while it goes.
        await undo().catch((error: unknown) => {
          const gone = error instanceof Error && 'statusCode' in error && [404, 409].includes(Number(error.statusCode));
          if (!gone) throw error;
        });
      }
    },
  };
}

/** Looks until the look is content. @throws Error saying what was waited for */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  deadlineMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`Waited ${deadlineMs} ms in vain for ${what}`);
    await wait(20);
  }
}
