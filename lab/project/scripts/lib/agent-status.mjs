import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, project } from './smp.mjs';

/** Who works in this project: every session lock is readable, no two hold the same thing, the system answers. */

const folder = join(project, '.agent', 'sessions');
const holders = new Map();
let trouble = 0;

for (const name of readdirSync(folder).filter((file) => file.endsWith('.lock.json'))) {
  try {
    const { agent, holds, since } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    console.log(`session ${name}: ${agent} holds ${holds} since ${since}`);
    if (holders.has(holds)) complain(`${holds} is held by ${holders.get(holds)} and by ${agent}`);
    holders.set(holds, agent);
  } catch (error) {
    complain(`${name}: ${error.message}`);
  }
}

const health = await ask('GET', '/health');
if (health.status === 200) console.log(`system: ${health.body.status}`);
else complain(`the system answers ${health.status}: ${JSON.stringify(health.body)}`);
process.exit(trouble === 0 ? 0 : 1);

function complain(text) {
  trouble += 1;
  console.error(`TROUBLE ${text}`);
}
