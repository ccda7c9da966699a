import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../../client/exit-codes.ts';
import { words } from '../../client/words.ts';
import { built, main } from './support/command.ts';

beforeAll(built, 300_000);

const help = (...args: readonly string[]) => execa(process.execPath, [main, ...args], { reject: false });

/** Everything that is loaded when a file is, as far as it stands in `import … from`; `import()` comes later. */
function loadedWith(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export) [^;]*?from '([^']+)';/gms)) {
    if (name.startsWith('.')) loadedWith(resolve(dirname(file), name), seen);
    else seen.add(name);
  }
  return seen;
}

describe('rollback --help', () => {
  it('lists every command and every exit code', async () => {
    const { exitCode, stdout } = await help('--help');
    expect(exitCode).toBe(0);
    for (const { word } of words) expect(stdout).toMatch(new RegExp(`^ {2}${word} `, 'm'));
    for (const { code } of Object.values(exitCodes)) expect(stdout).toMatch(new RegExp(`^ +${code} {2}\\S`, 'm'));
  });

  it.each(words.map(({ word }) => [word]))('%s explains itself and its options', async (word) => {
    const { exitCode, stdout } = await help(word, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('--json');
    expect(stdout).not.toContain('time-scale');
  });

  it.each(words.map(({ word }) => [word]))('%s is explained without loading anything heavy', (word) => {
    const loaded = [...loadedWith(join(dirname(main), 'commands', `${word}.js`)), ...loadedWith(main)];
    const packages = loaded.filter((name) => !name.startsWith('/') && !name.startsWith('node:'));
    expect(new Set(packages)).toEqual(new Set(['commander']));
  });

  it.each([
    ['an unknown command', ['undo-everything'], /unknown command/],
    ['an unknown option', ['status', '--colour', 'blue'], /unknown option/],
    ['no command', [], /No command given/],
  ])('refuses %s as wrong usage', async (_, args, says) => {
    const { exitCode, stderr } = await help(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(says);
  });
});
