import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { log, Refusal, serve } from './http.mjs';
import { answerTo, examine, readSkills } from './knowledge.mjs';
import { migrate } from './migration.mjs';

/** The experiment: the same contract on another port, with a cache in front and a migration of the agents' data. */

const store = process.env['STORE_URL'] ?? 'http://store:7000';
const agentRoot = process.env['AGENT_ROOT'] ?? '/project/.agent';
const config = await readConfig(process.env['OPENVIKING_CONFIG'] ?? '/project/openviking/config.json');

/** How much it asks of the store: greedily as much as it can, unless its rate is limited. */
let load = { greedy: false, limited: false };

serve({
  port: Number(process.env['PORT'] ?? 9631),
  routes: {
    'GET /health': health,
    'POST /api/chat': chat,
    'POST /api/skills/list': async () => ({
      skills: (await readSkills()).map(({ name, version, description }) => ({ name, version, description })),
    }),
    'POST /api/migrate': startMigration,
    'POST /api/greed': async ({ body }) => weigh({ greedy: body.on === true }),
    'GET /api/limit': async () => load,
    'POST /api/limit': async ({ body }) => weigh({ limited: body.on === true }),
  },
});

/** A configuration that cannot be read ends the process: with `restart: always` that is a crash loop. */
async function readConfig(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    log('FATAL', `${path}: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

async function health() {
  const { problems, ...counts } = await examine();
  if (problems.length > 0) throw new Refusal(503, 'the data are not usable', { status: 'unhealthy', problems });
  return { status: 'healthy', system: 'openviking', ...counts };
}

async function chat({ body }) {
  if (typeof body.query !== 'string' || body.query === '') throw new Refusal(400, 'a chat needs a query');
  const entry = `${config.cache}/entries/${encodeURIComponent(body.query)}`;
  const cached = await fetch(entry, { signal: AbortSignal.timeout(2000) });
  if (cached.ok) return cached.json();
  const answer = await answerTo(body.query);
  await fetch(entry, { method: 'PUT', body: JSON.stringify(answer), signal: AbortSignal.timeout(2000) });
  return answer;
}

async function weigh(change) {
  load = { ...load, ...change };
  const ms = load.greedy && !load.limited ? 1800 : 0;
  const body = JSON.stringify({ ms });
  await fetch(`${store}/load`, { method: 'PUT', body, signal: AbortSignal.timeout(3000) });
  return load;
}

/** `stopAfter` lets the migration die in the middle, as a crash would. */
async function startMigration({ body }) {
  return migrate(join(agentRoot, 'skills'), { stopAfter: body.stopAfter });
}
