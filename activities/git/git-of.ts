import { type Git, openGit } from '../adapters/git.ts';
import type { Room } from '../kernel/room.ts';

/** The target's repository, asked and changed as its owner (design §4.7). */
export function gitOf(room: Pick<Room, 'target' | 'marker' | 'signal'>): Promise<Git> {
  const { path, allowFilters } = room.target.repository;
  return openGit({ path, allowFilters, marker: room.marker, signal: room.signal });
}
