import type { TargetFile } from './schema.ts';

type Absolute = (path: string) => string;
type Partial = TargetFile['partial'];
type RawSwitch = NonNullable<Partial['performance']>['limiter'][number];

/** The partial rollbacks as acts read them; null where the target describes none. */
export function partialOf({ owner, integration, migration, performance }: Partial, absolute: Absolute) {
  return {
    owner: owner ?? null,
    integration:
      integration === undefined
        ? null
        : {
            switches: integration.switches.map((each) => switchOf(each, absolute)),
            probes: integration.probes.map(requestOf),
            samples: integration.samples,
          },
    migration:
      migration === undefined
        ? null
        : {
            roots: migration.roots,
            command: migration.command,
            files: migration.files.map(absolute),
            timeoutMs: migration.timeout,
            check: { command: migration.check.command, timeoutMs: migration.check.timeout },
            waitMs: migration.wait,
          },
    performance:
      performance === undefined
        ? null
        : {
            limits: { cpus: performance.limits.cpus ?? null, memoryBytes: performance.limits.memory ?? null },
            limiter: performance.limiter.map((each) => switchOf(each, absolute)),
            watch: {
              forMs: performance.watch.for,
              everyMs: performance.watch.every,
              good: performance.watch.good,
            },
          },
  } as const;
}

function switchOf(each: RawSwitch, absolute: Absolute) {
  switch (each.kind) {
    case 'file': {
      const { reload, ...rest } = each;
      return {
        ...rest,
        file: absolute(each.file),
        reload: reload === undefined ? null : { command: reload.command, timeoutMs: reload.timeout },
      } as const;
    }
    case 'service':
      return each;
    case 'http':
      return {
        kind: each.kind,
        name: each.name,
        set: requestOf(each.set),
        undo: requestOf(each.undo),
        is: requestOf(each.is),
      } as const;
  }
}

function requestOf<R extends { readonly timeout: number }>({ timeout, ...rest }: R) {
  return { ...rest, timeoutMs: timeout };
}
