import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

export const project = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The programs in `children/` as plain JavaScript, made before the tests of a file: what is killed in mid-call must be
 * a process of its own with as few threads as can be, without vitest's loader.
 * @returns where the program of that name lies
 */
export function compiledChildren(): (name: string) => string {
  let folder = '';
  let child: (name: string) => string = () => '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vault-children-'));
    child = compileChildren(folder, project);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => child(name);
}

/** @param sources the project, or a copy of the parts of it that the programs need */
export function compileChildren(folder: string, sources: string): (name: string) => string {
  const out = join(folder, 'out');
  mkdirSync(out);
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  const modules = join(project, 'node_modules');
  symlinkSync(modules, join(out, 'node_modules'));
  if (sources !== project) symlinkSync(modules, join(sources, 'node_modules'));
  const config = {
    extends: join(sources, 'tsconfig.json'),
    // In a copy with a fault something may be left that nobody uses any more.
    compilerOptions: { outDir: out, rootDir: sources, typeRoots: [join(modules, '@types')], noUnusedLocals: false },
    include: [join(sources, 'vault'), join(sources, 'test/vault/children')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const run = spawnSync(process.execPath, [join(modules, 'typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`The programs of the tests do not compile:\n${run.stdout}${run.stderr}`);
  return (name) => join(out, 'test', 'vault', 'children', `${name}.js`);
}
