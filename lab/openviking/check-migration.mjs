import { readdirSync, readFileSync } from 'node:fs';

// Right is what both systems can read: the old format, with a title beside the name.
for (const name of readdirSync('.agent/skills')) {
  const skill = JSON.parse(readFileSync(`.agent/skills/${name}/skill.json`, 'utf8'));
  if (skill.format !== 'smp/1' || skill.title !== skill.name)
    throw new Error(`${name} is not migrated as it should be`);
}
