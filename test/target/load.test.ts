import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { TargetFaults } from '../../target/faults.ts';
import { jsonSchema } from '../../target/json-schema.ts';
import { loadTarget, parseTarget } from '../../target/load.ts';
import { snapshotOf } from '../../target/snapshot.ts';

const openviking = new URL('../../target/openviking.yaml', import.meta.url);
const text = readFileSync(openviking, 'utf8');

/** The runbook's own target with one thing changed. */
function faultsWith(change: (file: Record<string, object>) => void): readonly string[] {
  const file = parse(text);
  change(file);
  try {
    parseTarget(stringify(file), '/somewhere/rollback.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof TargetFaults)) throw error;
    return error.faults.map(({ path, expectation, value }) => `${path}: ${expectation} (${JSON.stringify(value)})`);
  }
}

it('tells what rules find beside unknown keys, all in one go', () => {
  const faults = faultsWith((file) => {
    file['stable'] = { ...file['stable'], primary: 'nobody', colour: 'blue' };
  });
  expect(faults).toEqual([
    'stable.colour: no such key is known here ("blue")',
    'stable.primary: one of the stable services (lightrag) ("nobody")',
  ]);
});

describe("the runbook's own target", () => {
  const target = parseTarget(text, '/srv/ops/rollback.yaml');

  it('has its names, limits and times', () => {
    expect(target.repository).toMatchObject({ path: '/srv/smp', checkpoint: 'lightrag-0qp.0-pre-experiment' });
    expect(target.performance).toMatchObject({ responseTime: 0.1, memory: 0.2, cpu: 0.2 });
    expect(target.timeTargets.emergency).toEqual({ targetMs: 300_000, maximumMs: 900_000 });
    expect(target.timeTargets['data-corruption']).toEqual({ targetMs: 3_600_000, maximumMs: 14_400_000 });
    expect(target.experiment.containers).toEqual(['lightrag-experimental']);
    expect(target.health.url).toBe('http://localhost:9621/health');
  });

  it('has absolute paths, data roots inside and outside the repository', () => {
    const paths = target.data.map((root) => (root.kind === 'path' ? root.path : null));
    expect(paths[0]).toBe('/srv/smp/.agent');
    expect(paths[1]).toMatch(/^\/.*\/\.gemini$/);
    expect(target.stable.composeFiles).toEqual(['/srv/smp/docker-compose.yml']);
    expect(target.scripts.agentStatus).toMatchObject({
      command: ['/srv/smp/scripts/agent-status.sh'],
      cwd: '/srv/smp',
      timeoutMs: 60_000,
    });
  });

  it('fills the runbook’s times in where the file is silent', () => {
    const file = parse(text);
    delete file.timeTargets;
    delete file.performance;
    const silent = parseTarget(stringify(file), '/srv/ops/rollback.yaml');
    expect(silent.timeTargets).toEqual(target.timeTargets);
    expect(silent.performance).toEqual(target.performance);
  });
});

describe('a target', () => {
  const parsed = (change: (file: Record<string, object>) => void) => {
    const file = parse(text);
    change(file);
    return parseTarget(stringify(file), '/srv/ops/rollback.yaml');
  };

  it('may have an experiment of containers that were all started by hand', () => {
    const { experiment } = parsed((file) => Object.assign(file, { experiment: { containers: ['trial'] } }));
    expect(experiment).toMatchObject({ composeFiles: [], services: [], containers: ['trial'] });
  });

  it("has compose start at the first file's folder, as compose does, or at the one it names", () => {
    const inDeploy = { composeFiles: ['deploy/compose.yaml', 'more/compose.yaml'] };
    const own = parsed((file) => Object.assign(file['stable'] ?? {}, inDeploy));
    expect(own.compose.directory).toBe('/srv/smp/deploy');
    const named = parsed((file) => {
      Object.assign(file['stable'] ?? {}, inDeploy);
      Object.assign(file['compose'] ?? {}, { directory: '.' });
    });
    expect(named.compose.directory).toBe('/srv/smp');
  });
});

describe('faults', () => {
  it('are told all at once, with path, expectation and value', () => {
    const faults = faultsWith((file) => {
      Object.assign(file, { environment: 'Not Good', surprise: 1, compose: {} });
      Object.assign(file['health'] ?? {}, { timeout: '5 parsecs' });
    });
    expect(faults).toEqual([
      'environment: lower-case letters, digits and hyphens, at most 40 ("Not Good")',
      'compose.project: must be written (string) (undefined)',
      'health.timeout: a length of time such as 90s, 15m or 6h ("5 parsecs")',
      'surprise: no such key is known here (1)',
    ]);
  });

  it.each([
    [
      'a service in both systems',
      (f: Record<string, unknown>) => Object.assign(f['experiment'] as object, { services: ['lightrag'] }),
      'experiment.services.0',
    ],
    [
      'a primary that is no stable service',
      (f: Record<string, unknown>) => Object.assign(f['stable'] as object, { primary: 'other' }),
      'stable.primary',
    ],
    [
      'an experiment that names nothing to take out',
      (f: Record<string, unknown>) => Object.assign(f, { experiment: {} }),
      'experiment',
    ],
    [
      'services of the experiment without their files',
      (f: Record<string, unknown>) => Object.assign(f, { experiment: { services: ['search'] } }),
      'experiment.composeFiles',
    ],
    [
      'files of the experiment without their services',
      (f: Record<string, unknown>) => Object.assign(f, { experiment: { composeFiles: ['x.yml'], containers: ['x'] } }),
      'experiment.services',
    ],
    [
      'a skill check that is not there',
      (f: Record<string, unknown>) => Object.assign(f['skills'] as object, { check: 'other' }),
      'skills.check',
    ],
    [
      'a maximum before its target',
      (f: Record<string, unknown>) => Object.assign(f, { timeTargets: { emergency: { target: '5m', maximum: '1m' } } }),
      'timeTargets.emergency',
    ],
    [
      'a ref that is an option',
      (f: Record<string, unknown>) => Object.assign(f['repository'] as object, { checkpoint: '--upload-pack=x' }),
      'repository.checkpoint',
    ],
    [
      'a password in a URL',
      (f: Record<string, unknown>) => Object.assign(f['health'] as object, { url: 'http://me:secret@localhost/' }),
      'health.url',
    ],
    [
      'a pattern that leaves its root',
      (f: Record<string, unknown>) => Object.assign(f, { agents: { lockFiles: ['../*'] } }),
      'agents.lockFiles.0',
    ],
  ])('%s', (_what, change, path) => {
    const faults = faultsWith(change as never);
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([path]);
  });

  it('carry the line of the value', () => {
    const broken = text.replace('restore: when-corrupt', 'restore: sometimes');
    try {
      parseTarget(broken, '/x/rollback.yaml');
      expect.unreachable();
    } catch (error) {
      const line = broken.split('\n').findIndex((each) => each.includes('restore: sometimes')) + 1;
      expect((error as TargetFaults).faults).toMatchObject([{ path: 'data.0.restore', value: 'sometimes', line }]);
    }
  });

  it('of YAML itself are told with their line', () => {
    expect(() => parseTarget('version: 1\nversion: 2\n', '/x/rollback.yaml')).toThrow(TargetFaults);
  });

  it.each([
    ['a pattern without quotes', 'data:\n  - { files: [*.json] }\n', { value: '*.json', line: 2 }],
    ['an alias inside of itself', 'data: &all\n  - *all\n', { value: '*all', line: 2 }],
    [
      'aliases that grow beyond all bounds',
      `a: &a [x, x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'].map((n, at) => `${n}: &${n} [${Array(9).fill(`*${'abcdefghij'[at]}`)}]`).join('\n')}\n`,
      { expectation: 'fewer aliases' },
    ],
  ])('of %s are told', (_what, yaml, fault) => {
    try {
      parseTarget(yaml, '/x/rollback.yaml');
      expect.unreachable();
    } catch (error) {
      expect((error as TargetFaults).faults).toMatchObject([fault]);
    }
  });

  it('never come as another error, whatever the file holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string().map((text) => `a: &a [*${text}]`),
        ),
        (anything) => {
          try {
            parseTarget(anything, '/x/rollback.yaml');
            return false;
          } catch (error) {
            return error instanceof TargetFaults && error.faults.length > 0;
          }
        },
      ),
    );
  });
});

describe('identity of a target', () => {
  it('is the same for the same file, another for another, and survives the wire', () => {
    const dir = mkdtempSync(join(tmpdir(), 'target-'));
    try {
      const file = join(dir, 'rollback.yaml');
      writeFileSync(file, text);
      const first = loadTarget(file);
      expect(loadTarget(file).hash).toBe(first.hash);
      expect(snapshotOf(JSON.parse(JSON.stringify(first.target))).hash).toBe(first.hash);
      writeFileSync(file, text.replace('deadline: 3m', 'deadline: 4m'));
      expect(loadTarget(file).hash).not.toBe(first.hash);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

it('the JSON Schema for editors is the one of the schema', () => {
  const committed = readFileSync(new URL('../../target/rollback.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(jsonSchema())));
});
