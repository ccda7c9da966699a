import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

const project = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The programs in `children/` as plain JavaScript, made before the tests of a file: what is killed in mid-call must be
 * a process of its own with as few threads as can be, without vitest's loader.
 * @returns where the program of that name lies
 */
export function compiledChildren(): (name: string) => string {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vault-children-'));
    compile(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, 'out', 'test', 'vault', 'children', `${name}.js`);
}

function compile(folder: string): void {
  const out = join(folder, 'out');
  mkdirSync(out);
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  symlinkSync(join(project, 'node_modules'), join(out, 'node_modules'));
  const config = {
    extends: join(project, 'tsconfig.json'),
    compilerOptions: { outDir: out, rootDir: project, typeRoots: [join(project, 'node_modules/@types')] },
    include: [join(project, 'vault'), join(project, 'test/vault/children')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(project, 'node_modules/typescript/bin/tsc');
  const run = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`The programs of the tests do not compile:\n${run.stdout}${run.stderr}`);
}
