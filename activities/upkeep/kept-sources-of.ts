import { join } from 'node:path';
import { undoIdOf } from '../../contract/ids.ts';
import type { KeptSource } from '../../vault/recover/kept-sources.ts';
import { readSafetyCopy } from '../../vault/safety-copy.ts';
import { readStaging } from '../data/note-staging.ts';
import { gitSafetyDir, readGitSafety } from '../git/keep-git-state.ts';
import { undoFiles } from '../kernel/open-room.ts';
import type { Room } from '../kernel/room.ts';

/** A place with kept content, and the data root it belongs to; null for the working tree. */
export interface OwnedSource {
  readonly source: KeptSource;
  readonly root: string | null;
}

/**
 * Everything that a rollback and its undo have kept, the state before the rollback first: the safety copy, the
 * repository's, what the rollback moved aside, what the undo moved aside.
 */
export function keptSourcesOf(room: Pick<Room, 'layout' | 'target'>, rollbackId: string): readonly OwnedSource[] {
  const files = room.layout.rollback(rollbackId);
  const folders = room.target.data.filter(({ kind }) => kind !== 'dump').map(({ name }) => name);
  const staged = readStaging({ rollback: files });
  const copied = (readSafetyCopy(files.safetyDir)?.roots ?? [])
    .filter(({ name }) => folders.includes(name))
    .flatMap(({ name, path, manifest, data }): readonly OwnedSource[] => {
      const aside = staged.find(({ what }) => what === name)?.aside;
      if (data === null && aside === undefined) return [];
      const place = data === null ? { kind: 'aside' as const, dir: aside ?? '' } : { kind: 'copy' as const, dir: data };
      return [{ source: { name: `safety copy of ${name}`, root: path, manifest, place }, root: name }];
    });
  const git = readGitSafety({ rollback: files });
  const ofGit: readonly OwnedSource[] =
    git === undefined || git.how === 'aside'
      ? []
      : [
          {
            source: {
              name: 'safety copy of the repository',
              root: git.top,
              manifest: git.manifest,
              place: { kind: 'copy', dir: join(gitSafetyDir({ rollback: files }), 'files') },
            },
            root: null,
          },
        ];
  const undone = readStaging({ rollback: undoFiles(room.layout, undoIdOf(rollbackId)) });
  const aside = [
    ...staged.map((place) => ({ ...place, by: 'the rollback' })),
    ...undone.map((place) => ({ ...place, by: 'the undo' })),
  ].map(
    ({ what, path, aside: dir, by }): OwnedSource => ({
      source: { name: `${what}, moved aside by ${by}`, root: path, manifest: null, place: { kind: 'aside', dir } },
      root: folders.includes(what) ? what : null,
    }),
  );
  return [...copied, ...ofGit, ...aside];
}
