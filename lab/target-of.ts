import { stringify } from 'yaml';
import { queries, rightAnswer, skills } from './content.ts';
import type { Lab } from './lab.ts';
import { checkpointTag, experimentFile, experimentProfile, services, stableFile } from './names.ts';

/** The lab's `rollback.yaml`: the runbook's target with this lab's folders, names and ports, and limits for a demo. */
export function targetFor(lab: Pick<Lab, 'id' | 'names' | 'paths' | 'ports'>): string {
  const { names, paths, ports } = lab;
  const url = `http://127.0.0.1:${ports.stable}`;
  return stringify(
    {
      version: 1,
      environment: `lab-${lab.id}`,
      runbook: { document: 'openviking-rollback-procedures.md', version: '1.0' },
      repository: { path: paths.repository, checkpoint: checkpointTag },
      compose: { project: names.project },
      stable: {
        composeFiles: [stableFile],
        services: [services.stable, services.store],
        primary: services.stable,
      },
      experiment: {
        composeFiles: [experimentFile],
        profiles: [experimentProfile],
        services: [services.experiment, services.cache, services.indexer],
        containers: [names.byHand],
      },
      data: dataRoots(lab),
      evidence: { results: [paths.results] },
      health: {
        url: `${url}/health`,
        expect: {
          status: 200,
          json: { type: 'object', required: ['status'], properties: { status: { const: 'healthy' } } },
        },
        timeout: '3s',
        soak: { answers: 3, over: '2s' },
        deadline: '40s',
      },
      checks: checks(url),
      skills: { check: 'skills-list', names: '/skills/*/name', expected: 'from-checkpoint' },
      scripts: scripts(url),
      agents: { lockFiles: ['.agent/sessions/*.lock.json'] },
      // A practice machine does other things at the same time: a few per cent of CPU and some hundred milliseconds say nothing.
      performance: { samples: 20, floor: { cpuPercent: 25, responseTimeMs: 1_000 } },
      partial: partialOf(ports),
      contacts: [
        { level: 1, name: 'On-call system administrator', reach: ['lab: nobody is really called'], hours: '24/7' },
        { level: 2, name: 'Development team lead', reach: ['lab: nobody is really called'], hours: 'business hours' },
        { level: 3, name: 'Project stakeholder committee', reach: ['lab: nobody is really called'] },
      ],
    },
    { lineWidth: 0 },
  );
}

function dataRoots({ names, paths }: Pick<Lab, 'names' | 'paths'>): readonly unknown[] {
  return [
    {
      name: 'agent',
      kind: 'path',
      path: paths.agent,
      restore: 'when-corrupt',
      backups: ['**/*.backup'],
      checks: [
        { kind: 'json', files: ['**/*.json'] },
        { kind: 'nonempty', files: ['skills/*/SKILL.md', 'skills/*/skill.json'] },
        {
          kind: 'exists',
          files: skills.flatMap(({ name }) => [`skills/${name}/SKILL.md`, `skills/${name}/skill.json`]),
        },
      ],
    },
    {
      name: 'gemini',
      kind: 'path',
      path: paths.gemini,
      restore: 'when-corrupt',
      backups: ['**/*.backup'],
      checks: [
        { kind: 'json', files: ['**/*.json'] },
        { kind: 'exists', files: ['settings.json', 'GEMINI.md'] },
      ],
    },
    {
      name: 'store',
      kind: 'volume',
      volume: names.volume,
      restore: 'when-corrupt',
      checks: [
        { kind: 'json', files: ['**/*.json'] },
        { kind: 'exists', files: ['index.json'] },
      ],
    },
  ];
}

/** What the partial rollbacks work with; short watches, since in a lab things change at once. */
function partialOf({ experiment, router }: Lab['ports']): unknown {
  const limit = `http://127.0.0.1:${experiment}/api/limit`;
  const route = `http://127.0.0.1:${router}`;
  const json = { 'content-type': 'application/json' };
  const limited = { type: 'object', required: ['limited'], properties: { limited: { const: true } } };
  const has = (key: string, value: string) => ({
    status: 200,
    json: { type: 'object', required: [key], properties: { [key]: { const: value } } },
  });
  return {
    owner: 'the developers of OpenViking',
    integration: {
      switches: [
        {
          name: 'router',
          kind: 'http',
          set: { method: 'POST', url: `${route}/route`, headers: json, body: { to: 'stable' } },
          undo: { method: 'POST', url: `${route}/route`, headers: json, body: { to: 'both' } },
          is: { method: 'GET', url: `${route}/route`, expect: has('to', 'stable') },
        },
        { name: 'mode', kind: 'file', file: 'openviking/config.json', format: 'json', key: '/mode', value: 'off' },
      ],
      probes: [{ name: 'who-answers', url: `${route}/health`, expect: has('system', 'smp') }],
      samples: 6,
    },
    migration: {
      roots: ['agent'],
      command: [process.execPath, 'openviking/migrate.mjs'],
      files: ['openviking/migrate.mjs'],
      check: { command: [process.execPath, 'openviking/check-migration.mjs'] },
    },
    performance: {
      limits: { cpus: 0.5, memory: '512MiB' },
      limiter: [
        {
          name: 'rate-limit',
          kind: 'http',
          set: { method: 'POST', url: limit, headers: json, body: { on: true } },
          undo: { method: 'POST', url: limit, headers: json, body: { on: false } },
          is: { method: 'GET', url: limit, expect: { status: 200, json: limited } },
        },
      ],
      watch: { for: '3m', every: '1s', good: 2 },
    },
  };
}

/** Exact expectations: status 200 with another answer is a failed check. */
function checks(url: string): readonly unknown[] {
  const chat = (id: string, title: string, query: string, proves: readonly string[]) => {
    const right = rightAnswer(query);
    return {
      id,
      title,
      method: 'POST',
      url: `${url}/api/chat`,
      headers: { 'content-type': 'application/json' },
      body: { query, stream: false },
      expect: {
        status: 200,
        json: {
          type: 'object',
          required: ['answer', 'skills', 'sources', 'signature'],
          properties: {
            answer: { const: right.answer },
            skills: listOf(right.skills),
            sources: listOf(right.sources),
            signature: { const: right.signature },
          },
        },
      },
      timeout: '5s',
      proves,
    };
  };
  return [
    chat('basic-query', "The runbook's test query is answered from the right document", queries.basic, [
      'basic-queries',
    ]),
    chat('complex-query', 'A question for several skills and documents', queries.complex, ['complex-queries']),
    {
      id: 'skills-list',
      title: 'The system lists its skills',
      method: 'POST',
      url: `${url}/api/skills/list`,
      headers: { 'content-type': 'application/json' },
      expect: {
        status: 200,
        json: {
          type: 'object',
          required: ['skills'],
          properties: {
            skills: {
              type: 'array',
              minItems: skills.length,
              items: { type: 'object', required: ['name'], properties: { name: { type: 'string', minLength: 1 } } },
            },
          },
        },
      },
      timeout: '5s',
      proves: ['skills-discoverable'],
    },
  ];
}

function listOf(names: readonly string[]): unknown {
  return { type: 'array', minItems: names.length, items: { enum: names } };
}

function scripts(url: string): unknown {
  const environment = { LIGHTRAG_URL: url, NODE: process.execPath };
  const script = (name: string, argv: readonly string[], timeout: string) => ({
    command: [`./scripts/${name}.sh`, ...argv],
    timeout,
    environment,
  });
  return {
    agentStatus: script('agent-status', [], '15s'),
    performanceTest: script('performance-test', ['--baseline'], '30s'),
    monitor: script('monitor-performance', ['--duration', '3'], '20s'),
    skills: script('validate-skills', [], '15s'),
  };
}
