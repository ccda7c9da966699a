import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataPathsOf } from '../../../activities/git/data-paths.ts';
import { testTarget } from '../support/room.ts';

let dir: string;
let top: string;

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'rollback-paths-')));
  top = join(dir, 'real');
  mkdirSync(top);
  symlinkSync('real', join(dir, 'link'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function pathsOf(repository: string, path: string) {
  return dataPathsOf(testTarget(repository, { data: [{ kind: 'path', name: 'data', path }] }), top);
}

describe('a path of the repository belongs to the data', () => {
  it('also where the data were lost and the target names the repository by a link', () => {
    expect(pathsOf(join(dir, 'link'), 'lost/data').has(Buffer.from('lost/data/state.json'))).toBe(true);
  });

  it('also in a folder whose name begins with two dots', () => {
    expect(pathsOf(top, '..data').has(Buffer.from('..data/state.json'))).toBe(true);
    expect(pathsOf(top, '../data').has(Buffer.from('data/state.json'))).toBe(false);
  });

  it('and to nothing else', () => {
    const paths = pathsOf(top, 'data');
    expect(['data', 'data/a', 'database', 'README.md'].map((path) => paths.has(Buffer.from(path)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
