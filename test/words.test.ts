import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/**
 * The runbook's own system is a target like any other: its names stand in its target file, in the lab and in the tests.
 * Where the product knew one of them, another system would be treated by the wrong name.
 */
const folders = ['runbook', 'contract', 'target', 'vault', 'workflows', 'activities', 'workers', 'client', 'setup'];

const words = [/lightrag/i, /openviking/i, /\b9621\b/, /(?<![\w)\]])\.agent\b/, /(?<![a-z])smp(?![a-z])/i, /gemini/i];

/** The line as it stands, and why it must. */
const exceptions: ReadonlyMap<string, string> = new Map([
  [
    "client/load-target.ts: next: ['Give --target <file>. target/openviking.yaml is a complete example.'],",
    'names the file that it sends people to',
  ],
]);

const project = new URL('../', import.meta.url);
const sources = folders
  .flatMap((folder) =>
    (readdirSync(new URL(`${folder}/`, project), { recursive: true }) as string[]).map((name) => `${folder}/${name}`),
  )
  .filter((file) => /\.(ts|mjs|json|yaml|yml|go|mod|service)$/.test(file) && !file.includes('node_modules'))
  .filter((file) => file !== 'target/openviking.yaml')
  .concat('docker-compose.temporal.yml', 'package.json', 'biome.json');

describe("the runbook's own names", () => {
  it('stand in no line of the product', () => {
    expect(sources.length).toBeGreaterThan(150);
    const found = sources.flatMap((file) =>
      readFileSync(new URL(file, project), 'utf8')
        .split('\n')
        .filter((line) => words.some((word) => word.test(line)))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(found).toEqual([...exceptions.keys()]);
  });

  it('are found wherever they would stand', () => {
    const lines = [
      'docker stop lightrag',
      'the OpenViking experiment',
      'http://localhost:9621/health',
      "join(repository, '.agent')",
      'find ./.agent/ -name x',
      'verify SMP',
      'smp-store',
      '~/.gemini',
    ];
    for (const line of lines)
      expect(
        words.some((word) => word.test(line)),
        line,
      ).toBe(true);
    for (const line of ['target.agents', 'seen.agent', 'an example', '19621']) {
      expect(
        words.some((word) => word.test(line)),
        line,
      ).toBe(false);
    }
  });
});
