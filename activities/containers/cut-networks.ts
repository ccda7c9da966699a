import { z } from 'zod';
import type { Room } from '../kernel/room.ts';

/** What a connection needs to be made again. Field names are the engine's. */
const connections = z.object({
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

/** The engine refuses to take a container out of these. */
const fixed: readonly string[] = ['host', 'none'];

export interface Cut {
  readonly cut: number;
  /** Names of networks that no engine cuts. */
  readonly notCut: readonly string[];
}

/**
 * Disconnects a container from all its networks (`--security`). Each connection stands in the journal before it goes,
 * with names and addresses, so that `undo` can make it again.
 */
export async function cutNetworks(room: Room, id: string): Promise<Cut> {
  const { docker } = room.world;
  const facts = await docker.inspect(id);
  // The engine refuses every change of one that it is removing.
  if (facts === undefined || ['dead', 'removing'].includes(facts.state)) return { cut: 0, notCut: [] };
  const raw = connections.parse(await docker.inspectRaw(id));
  const networks = Object.entries(raw.NetworkSettings?.Networks ?? {});
  let cut = 0;
  for (const [network, connection] of networks) {
    if (fixed.includes(network)) continue;
    const networkId = connection?.NetworkID || network;
    const detail = {
      name: facts.name,
      network,
      networkId,
      aliases: connection?.Aliases ?? [],
      addresses: connection?.IPAMConfig ?? null,
    };
    const how = await room.effect({ kind: 'disconnect', target: id, recovery: 'do-again', detail }, () =>
      docker.disconnect(networkId, id),
    );
    if (how === 'done') cut += 1;
  }
  // `none` has nothing to cut.
  return { cut, notCut: networks.map(([network]) => network).filter((network) => network === 'host') };
}
