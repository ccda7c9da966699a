import { describe, expect, it } from 'vitest';
import { nearNames } from '../../vault/recover/near-names.ts';

const known = ['/a/memory/state.json', '/a/memory/states.json', '/a/other/stat.json', '/a/README.md', '/b/state.json'];

describe('names that somebody may have meant', () => {
  it('are those with the same last name first, then those with few letters changed', () => {
    expect(nearNames('/x/state.json', known)).toEqual([
      '/b/state.json',
      '/a/memory/state.json',
      '/a/other/stat.json',
      '/a/memory/states.json',
    ]);
    expect(nearNames('/a/READNE.md', known)).toEqual(['/a/README.md']);
  });

  it('are none where nothing is alike, and few where all is', () => {
    expect(nearNames('/x/quite-something-else', known)).toEqual([]);
    expect(nearNames('/x/state.json', known, 1)).toHaveLength(1);
  });
});
