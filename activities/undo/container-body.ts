import { z } from 'zod';

/** What of an inspect makes a container again. Field names are the engine's. */
const inspected = z.object({
  Id: z.string(),
  Config: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish(), Hostname: z.string().nullish() }),
  HostConfig: z.looseObject({
    Binds: z.array(z.string()).nullish(),
    Mounts: z.array(z.looseObject({ Target: z.string().nullish() })).nullish(),
    NetworkMode: z.string().nullish(),
  }),
  Mounts: z
    .array(
      z.object({ Type: z.string(), Name: z.string().nullish(), Destination: z.string(), RW: z.boolean().nullish() }),
    )
    .nullish(),
  NetworkSettings: z
    .object({
      Networks: z
        .record(
          z.string(),
          z
            .object({
              NetworkID: z.string().nullish(),
              Aliases: z.array(z.string()).nullish(),
              IPAMConfig: z.unknown(),
            })
            .nullish(),
        )
        .nullish(),
    })
    .nullish(),
});

export interface Connection {
  readonly network: string;
  readonly aliases: readonly string[];
  readonly addresses: unknown;
}

export interface ContainerBody {
  /** For the engine's `create`; one network, because older engines take no more. */
  readonly body: object;
  /** Networks to connect afterwards. */
  readonly connections: readonly Connection[];
}

/** Label that names the container which another was made again from. */
export const madeAgainLabel = 'durable-rollback.was';

/** A container made again from its inspect, on another image: volumes of no name of their own are mounted by it. */
export function containerBody(inspect: unknown, image: string): ContainerBody {
  const { Id: id, Config: config, HostConfig: host, ...rest } = inspected.parse(inspect);
  const { Hostname: hostname, ...own } = config;
  const taken = [...(host.Binds ?? []).map(destinationOf), ...(host.Mounts ?? []).map(({ Target }) => Target ?? '')];
  const anonymous = (rest.Mounts ?? []).flatMap(({ Type, Name, Destination, RW }) =>
    Type === 'volume' && Name && !taken.includes(Destination)
      ? [`${Name}:${Destination}${RW === false ? ':ro' : ''}`]
      : [],
  );
  const [first, ...connections] = connectionsOf(id, rest.NetworkSettings?.Networks ?? {}, host.NetworkMode ?? '');
  return {
    body: {
      ...own,
      // The engine names a container that nobody named after its id.
      ...(hostname && !id.startsWith(hostname) ? { Hostname: hostname } : {}),
      Image: image,
      Labels: { ...config.Labels, [madeAgainLabel]: id },
      HostConfig: { ...host, Binds: [...(host.Binds ?? []), ...anonymous] },
      ...(first === undefined
        ? {}
        : {
            NetworkingConfig: {
              EndpointsConfig: { [first.network]: { Aliases: first.aliases, IPAMConfig: first.addresses ?? null } },
            },
          }),
    },
    connections,
  };
}

/** Those of networks that people make: the engine's own take neither names nor addresses. */
function connectionsOf(
  id: string,
  networks: NonNullable<NonNullable<z.output<typeof inspected>['NetworkSettings']>['Networks']>,
  mode: string,
): readonly Connection[] {
  return Object.entries(networks)
    .filter(([network]) => !['bridge', 'host', 'none'].includes(network))
    .map(([network, one]) => ({
      network,
      aliases: (one?.Aliases ?? []).filter((alias) => !id.startsWith(alias)),
      addresses: one?.IPAMConfig ?? null,
    }))
    .sort((a, b) => Number(b.network === mode) - Number(a.network === mode));
}

function destinationOf(bind: string): string {
  return bind.split(':')[1] ?? bind;
}
