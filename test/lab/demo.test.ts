import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { demoOptions } from '../../lab/demo/options.ts';
import { labDocker } from '../../lab/docker.ts';
import { labNames } from '../../lab/names.ts';
import { listEntries, readEntry } from '../../lab/registry.ts';
import { pollUntil } from '../support/poll.ts';
import { tracesOf } from './support/traces.ts';

const built = fileURLToPath(new URL('../../dist/lab/demo.js', import.meta.url));

describe('the demo', () => {
  it('tells data corruption unless another scenario is named, and names what it does not know', () => {
    expect(demoOptions([])).toEqual({
      scenario: 'data-corruption',
      compose: 'auto',
      keep: false,
      chaos: null,
      json: false,
    });
    expect(demoOptions(['--scenario', 'emergency', '--compose', 'v1', '--keep'])).toMatchObject({
      scenario: 'emergency',
      compose: 'v1',
      keep: true,
    });
    expect(() => demoOptions(['--scenario', 'flood'])).toThrow(/data-corruption/);
  });

  it('takes everything away when it is ended by Ctrl-C, with --keep as well', async () => {
    const before = new Set(listEntries().map(({ id }) => id));
    const child = execa(process.execPath, [built, '--keep'], { stdin: 'ignore', reject: false, all: true });
    try {
      const entry = await pollUntil(
        'the demo to start containers',
        async () => {
          const mine = listEntries().find(({ id, pid }) => !before.has(id) && pid === child.pid);
          return mine !== undefined && (await traces(mine.id)).some((trace) => trace.startsWith('container'))
            ? mine
            : undefined;
        },
        (found) => found !== undefined,
      );
      child.kill('SIGINT');
      const { exitCode, all } = await child;
      expect(all).toContain('ended by SIGINT');
      expect(exitCode).toBe(130);
      expect(await traces(entry?.id ?? '')).toEqual([]);
      expect(existsSync(entry?.folder ?? '/')).toBe(false);
      expect(readEntry(entry?.id ?? '')).toBeUndefined();
    } finally {
      child.kill('SIGKILL');
    }
  });
});

function traces(id: string): Promise<string[]> {
  return tracesOf({ docker: labDocker(undefined), id, project: labNames(id, 'suffixed').project });
}
