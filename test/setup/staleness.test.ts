import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildIsStale } from '../../setup/build.mjs';
import { dependenciesAreStale } from '../../setup/dependencies.mjs';
import { sourceHash } from '../../setup/source-hash.mjs';
import { temporaryFolder, writeAt } from './folder.ts';

describe('npm packages', () => {
  const project = (lockfileS: number, installedS: number | undefined): string => {
    const folder = temporaryFolder();
    utimesSync(writeAt(join(folder, 'package-lock.json'), '{}'), lockfileS, lockfileS);
    if (installedS !== undefined) {
      utimesSync(writeAt(join(folder, 'node_modules', '.package-lock.json'), '{}'), installedS, installedS);
    }
    return folder;
  };

  it('are installed anew when the lockfile is newer, or when nothing is installed', () => {
    expect(dependenciesAreStale(project(2_000, 1_000))).toBe(true);
    expect(dependenciesAreStale(project(2_000, undefined))).toBe(true);
  });

  it('are left when they are newer than the lockfile', () => {
    expect(dependenciesAreStale(project(1_000, 2_000))).toBe(false);
  });

  it('are npm’s business where no lockfile lies', () => {
    expect(dependenciesAreStale(temporaryFolder())).toBe(false);
  });
});

describe('build', () => {
  const built = (): string => {
    const folder = temporaryFolder();
    writeAt(join(folder, 'tsconfig.json'), '{}');
    writeAt(join(folder, 'runbook', 'steps.ts'), 'export const steps = 1;\n');
    writeAt(join(folder, 'lab', 'project', 'README.md'), 'read where it lies\n');
    writeAt(join(folder, 'dist', '.built'), `${sourceHash(folder)}\n`);
    return folder;
  };

  it('is left when no source has changed, whatever the times of the files', () => {
    const folder = built();
    utimesSync(join(folder, 'runbook', 'steps.ts'), 4_000_000_000, 4_000_000_000);
    writeAt(join(folder, 'lab', 'project', 'README.md'), 'changed\n');
    expect(buildIsStale(folder)).toBe(false);
  });

  it('is made anew when a source has changed, appeared or gone, or the stamp is missing', () => {
    const changes: readonly ((folder: string) => unknown)[] = [
      (folder) => writeAt(join(folder, 'runbook', 'steps.ts'), 'export const steps = 2;\n'),
      (folder) => writeAt(join(folder, 'client', 'commands', 'start.ts'), ''),
      (folder) => writeAt(join(folder, 'target', 'openviking.yaml'), 'a: 1\n'),
      (folder) => writeAt(join(folder, 'setup', 'versions.mjs'), ''),
      (folder) => rmSync(join(folder, 'runbook', 'steps.ts')),
      (folder) => rmSync(join(folder, 'dist', '.built')),
    ];
    for (const change of changes) {
      const folder = built();
      change(folder);
      expect(buildIsStale(folder), String(change)).toBe(true);
    }
  });

  it('is what there is in an installed package, which holds no sources', () => {
    expect(buildIsStale(temporaryFolder())).toBe(false);
  });
});
