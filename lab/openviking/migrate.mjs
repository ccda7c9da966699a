import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

// The migration of the skills as it went wrong: the stable system does not know this format.
for (const name of readdirSync('.agent/skills')) {
  const file = `.agent/skills/${name}/skill.json`;
  const { name: title, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, `${JSON.stringify({ ...rest, format: 'openviking/2', title }, null, 2)}\n`);
}
