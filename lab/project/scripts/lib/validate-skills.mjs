import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from './smp.mjs';

/** Every skill that this version of the project expects is found by the running system. */

const expected = readFileSync(join(import.meta.dirname, '..', 'expected-skills.txt'), 'utf8')
  .trim()
  .split('\n');
const { status, body } = await ask('POST', '/api/skills/list', {});
if (status !== 200 || !Array.isArray(body.skills)) {
  console.error(`FAILED the list of skills answers ${status}: ${JSON.stringify(body)}`);
  process.exit(1);
}
const found = new Set(body.skills.map((skill) => skill.name));
const missing = expected.filter((name) => !found.has(name));
console.log(`${expected.length - missing.length} of ${expected.length} skills found`);
if (missing.length > 0) console.error(`FAILED missing: ${missing.join(', ')}`);
process.exit(missing.length === 0 ? 0 : 1);
