import type { Versions } from '../vault/versions-file.ts';

/** A rollback that is under way on the server, with what it was begun; unknown of one that has not got that far. */
export interface OpenRollback {
  readonly rollbackId: string;
  readonly versions: Versions | undefined;
}

export type BundleChoice =
  | { readonly kind: 'installed' }
  /** With this bundle, until that rollback has ended. */
  | { readonly kind: 'kept'; readonly hash: string; readonly rollbackId: string };

/** This installation must not go on with what is under way: the message says what to use. */
export class OtherVersion extends Error {
  override readonly name = 'OtherVersion';
}

/**
 * Which workflow code a worker runs. Code may change under a rollback: it goes on with the kept bundle. SDK and server
 * may not, since what they write and replay is theirs.
 * @throws OtherVersion
 */
export function chooseBundle(open: OpenRollback | undefined, here: Versions): BundleChoice {
  if (open?.versions === undefined) return { kind: 'installed' };
  const { rollbackId, versions } = open;
  const differing = [
    ...(versions.sdk === here.sdk ? [] : [`Temporal SDK ${versions.sdk} (here: ${here.sdk})`]),
    ...(versions.server === here.server ? [] : [`Temporal server ${versions.server} (now: ${here.server})`]),
  ];
  if (differing.length > 0) {
    throw new OtherVersion(
      `${rollbackId} is under way with ${differing.join(' and ')}, by durable-rollback ${versions.product} (here: ` +
        `${here.product}); nothing was done. Use those versions until it has ended, then these: with the earlier ` +
        'installation, rollback up.',
    );
  }
  return versions.bundle === here.bundle ? { kind: 'installed' } : { kind: 'kept', hash: versions.bundle, rollbackId };
}
